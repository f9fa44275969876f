/** That an auditor asks to erase a person; it is done once an operator, who is somebody else, confirms it. */
export interface Erasure {
  id: string
  subject: string
  /** Slack user id. */
  askedBy: string
  /** Epoch ms. */
  askedAt: number
  /** `over`: the person had been erased otherwise meanwhile. Declined by `app`: who had asked was no auditor any more. */
  ended: { by: string; at: number; outcome: 'erased' | 'declined' | 'over' } | null
}
