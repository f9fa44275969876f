/** An auditor's request to erase a person, which takes effect once an operator, who is somebody else, confirms it. */
export interface Erasure {
  id: string
  subject: string
  /** Slack user id. */
  askedBy: string
  /** Epoch ms. */
  askedAt: number
  /** `over`: the person was erased another way. Declined by `app`: the person who asked is no longer an auditor. */
  ended: { by: string; at: number; outcome: 'erased' | 'declined' | 'over' } | null
}
