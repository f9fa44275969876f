/**
 * Names on which the manifest, Slack and the code must agree. `test/manifest.test.ts` compares them with the manifest.
 */

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
  /** Shown until the app knows who asks. */
  loading: 'loading',
  give: 'give',
  another: 'another',
  /** Over the form, or on their own: how to find a user, and the user found. */
  find: 'find',
  found: 'found',
  recorded: 'recorded',
  /** Shows a text; nothing to submit. */
  notice: 'notice',
  reject: 'reject',
  cancel: 'cancel',
  trail: 'trail',
  settle: 'settle',
  confirm: 'confirm',
  lookUp: 'look_up',
} as const

/** Fields of the form: `block_id`s at which errors appear. */
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

/** Other blocks that the code looks up in what Slack sends back. */
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
  /** Lists what this user was given here. */
  recordsOfUser: 'records_of_user',
  /** Opens the form for a user in a list. */
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
  /** On a check of the set-up: `PRESS_ACTION` of `doctor/`, which the command line sends. */
  press: 'set_up_press',
  /** A menu of rarely needed actions; the chosen option says which of `choices` it is. */
  more: 'more',
  foundPrevious: 'found_previous',
  foundNext: 'found_next',
  /** On a card: opens the form filled in like that grant. */
  giveAnother: 'give_another',
  /** On the card of a waiting grant: opens the form filled in like that grant; the submission replaces it. */
  change: 'change',
  /** On a card: lists the coupons of that grant's user. */
  lookUpUser: 'look_up_user',
  /** For a user who was found: opens the form, lists coupons, lists what was given. */
  useFound: 'use_found',
  lookUpFound: 'look_up_found',
  recordsFound: 'records_found',
  /** Searches by another kind of number; an index follows. */
  findAs: 'find_as_',
  /** In the form: opens the view that finds a user. */
  findUser: 'find_user',
  findKindRadio: 'find_kind_radio',
  findNumberInput: 'find_number_input',
  findMatchRadio: 'find_match_radio',
  /** What to do with the user found, if no form waits for one. */
  findNextRadio: 'find_next_radio',
  /** For operators. */
  pauseIssuing: 'pause_issuing',
  resumeIssuing: 'resume_issuing',
  /** Opens the form that settles a grant whose outcome is unknown, or confirms its settlement. */
  settle: 'settle',
  withdraw: 'withdraw',
  confirmErasure: 'confirm_erasure',
  declineErasure: 'decline_erasure',
  verdictRadio: 'verdict_radio',
  couponIdInput: 'coupon_id_input',
  evidenceInput: 'evidence_input',
} as const

/** How the value of a `more` option begins; `|` and its subject follow. */
export const choices = ['openid', 'history', 'ids', 'lookup'] as const
export type Choice = (typeof choices)[number]

/** `metadata.event_type` of a card's message. */
export const cardMetadata = 'withdraw_coupon_card'
/** `metadata.event_type` of a message that tells operators of a hold or a pause. */
export const holdMetadata = 'withdraw_coupon_hold'
/** `metadata.event_type` of a notice. */
export const noticeMetadata = 'withdraw_coupon_notice'
