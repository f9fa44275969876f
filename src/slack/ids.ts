/** What the manifest, Slack and the code must agree on. `test/manifest.test.ts` compares it with the manifest. */

export const commands = { coupon: '/withdraw-coupon' } as const

export const events = {
  homeOpened: 'app_home_opened',
  groupMembersChanged: 'subteam_members_changed',
  groupUpdated: 'subteam_updated',
} as const

/** `callback_id`s of shortcuts. */
export const shortcuts = {
  /** In a message's menu. */
  giveForMessage: 'give_for_message',
  give: 'give',
  lookUp: 'look_up',
} as const

/** `callback_id`s of views. */
export const views = {
  /** Shown until it is known who asks. */
  loading: 'loading',
  give: 'give',
  another: 'another',
  /** Over the form: by what a user is found, and who was. */
  find: 'find',
  found: 'found',
  recorded: 'recorded',
  /** Tells something; nothing to submit. */
  notice: 'notice',
  reject: 'reject',
  cancel: 'cancel',
  trail: 'trail',
  settle: 'settle',
  confirm: 'confirm',
  lookUp: 'look_up',
} as const

/** Fields of the form: `block_id`s, at which errors appear. */
export const fields = {
  openid: 'openid',
  stock: 'stock',
  reason: 'reason',
  note: 'note',
  ticket: 'ticket',
  canned: 'canned',
  why: 'why',
  verdict: 'verdict',
  couponId: 'coupon_id',
  evidence: 'evidence',
  findKind: 'find_kind',
  findNumber: 'find_number',
  findMatch: 'find_match',
  findNext: 'find_next',
} as const

/** Other blocks that are looked up again in what Slack sends back. */
export const blocks = { preview: 'preview', warning: 'warning', foundBy: 'found_by' } as const

export const actions = {
  openidInput: 'openid_input',
  /** In the form "Look up coupons". */
  openidToLookUp: 'openid_to_look_up',
  stockSelect: 'stock_select',
  reasonSelect: 'reason_select',
  noteInput: 'note_input',
  ticketInput: 'ticket_input',
  listPrevious: 'list_previous',
  listNext: 'list_next',
  /** What that user was given here. */
  recordsOfUser: 'records_of_user',
  /** Opens the form for a user of a list. */
  giveToUser: 'give_to_user',
  cannedRadio: 'canned_radio',
  /** On Home. */
  homeGive: 'home_give',
  homeLookUp: 'home_look_up',
  homeFind: 'home_find',
  homeRefresh: 'home_refresh',
  homeStuck: 'home_stuck',
  homeSetUp: 'home_set_up',
  whyInput: 'why_input',
  /** For approvers, on a card or in a list. */
  approve: 'approve',
  reject: 'reject',
  cancelIssue: 'cancel_issue',
  showOpenid: 'show_openid',
  /** For the requester. */
  cancelOwn: 'cancel_own',
  history: 'history',
  /** Of a check of the set-up, `PRESS_ACTION` of `doctor/`, which the command line sends. */
  press: 'set_up_press',
  /** A menu of what is rarely needed; which of `choices` was chosen stands in the option. */
  more: 'more',
  foundPrevious: 'found_previous',
  foundNext: 'found_next',
  /** On a card: opens the form filled in as that grant. */
  giveAnother: 'give_another',
  /** On a card of what still waits: opens the form filled in as that grant, whose place what is submitted takes. */
  change: 'change',
  /** On a card: lists what that grant's user holds. */
  lookUpUser: 'look_up_user',
  /** In what was found of a user: opens the form for the user, lists coupons, lists what was given. */
  useFound: 'use_found',
  lookUpFound: 'look_up_found',
  recordsFound: 'records_found',
  /** Finds by another kind of number; an index follows. */
  findAs: 'find_as_',
  /** In the form: opens the view in which a user is found. */
  findUser: 'find_user',
  findKindRadio: 'find_kind_radio',
  findNumberInput: 'find_number_input',
  findMatchRadio: 'find_match_radio',
  /** What the user who was found is wanted for, where no form waits for one. */
  findNextRadio: 'find_next_radio',
  /** For operators. */
  pauseIssuing: 'pause_issuing',
  resumeIssuing: 'resume_issuing',
  /** Opens what is to be said or confirmed of a grant whose outcome is not known. */
  settle: 'settle',
  withdraw: 'withdraw',
  confirmErasure: 'confirm_erasure',
  declineErasure: 'decline_erasure',
  verdictRadio: 'verdict_radio',
  couponIdInput: 'coupon_id_input',
  evidenceInput: 'evidence_input',
} as const

/** What an option of the menu `more` begins with; `|` and what it is about follow. */
export const choices = ['openid', 'history', 'ids', 'lookup'] as const
export type Choice = (typeof choices)[number]

/** `metadata.event_type` of a card's message. */
export const cardMetadata = 'withdraw_coupon_card'
/** `metadata.event_type` of what tells the operators of a hold or a pause. */
export const holdMetadata = 'withdraw_coupon_hold'
/** `metadata.event_type` of a notice. */
export const noticeMetadata = 'withdraw_coupon_notice'
