import type { Refusal } from '../domain/ask.ts'
import { formatFen } from '../domain/text.ts'
import type { OpenidProblem } from '../domain/wechatpay-ids.ts'

/** Why something is refused, as a line at the command line; Slack's words are in the catalogue. */
export function refusalLine(refusal: Refusal): string {
  switch (refusal.code) {
    case 'not-a-member':
      return `not a member of the workspace: ${refusal.standing}`
    case 'no-decider':
      return `${refusal.id} is no approver`
    case 'own-stand-in':
      return 'nobody can stand in for themselves'
    case 'absence-time':
      return `an absence ends within ${refusal.days} days`
    case 'roles-unknown':
      return 'Slack did not say in time which user groups the person is in'
    case 'cut-off':
      return "Slack no longer accepts the app's token"
    case 'role-missing':
      return `needs the role ${refusal.role}`
    case 'openid-malformed':
      return openidLine(refusal.problem)
    case 'stock-unknown':
      return `the policy has no stock ${JSON.stringify(refusal.stock)}`
    case 'reason-unknown':
      return `the policy has no reason ${JSON.stringify(refusal.reason)}`
    case 'note-missing':
      return 'this reason needs a note'
    case 'note-too-long':
      return `the note has ${refusal.length} characters; at most ${refusal.max} are allowed`
    case 'ticket-missing':
      return 'the policy requires a ticket'
    case 'ticket-malformed':
      return `the ticket doesn't match the policy's pattern ${refusal.pattern}`
    case 'limit-reached': {
      const { limit, measure, used, max, adding, days } = refusal
      const per = `the limit per ${limit} in ${counted(days, 'day')}`
      return measure === 'count'
        ? `${per} is reached: ${used} of ${counted(max, 'coupon')} used`
        : `${per} would be passed: ${formatFen(used)} of ${formatFen(max)} used, and this coupon adds ${formatFen(adding)}`
    }
    case 'not-correctable':
      return 'the request can no longer be corrected: it is being issued or has ended'
    case 'own-grant':
      return "requesters can't approve their own requests"
    case 'stock-left':
      return `the policy no longer has the stock ${JSON.stringify(refusal.stock)}`
    case 'why-missing':
      return 'a reason is needed'
    case 'no-approvers':
      return `needs ${counted(refusal.needed, 'approver')}, and ${refusal.reachable} can be reached`
    case 'approvers-unknown':
      return 'Slack did not say in time who could approve it'
    case 'earlier-approvers-unknown':
      return 'Slack did not say in time whether earlier approvers still are approvers'
    case 'proposer-unknown':
      return 'Slack did not say in time whether the person who proposed it still is an operator'
    case 'channel-unusable':
      return `approvers can't be asked in ${refusal.channel}: ${channelProblems[refusal.why]}`
    case 'erased':
      return 'the person was erased, and the openid with them'
    case 'own-erasure':
      return "the person who asked for it can't confirm it"
    case 'asker-unknown':
      return 'Slack did not say in time whether the person who asked for it still is an auditor'
    case 'own-settlement':
      return "the person who proposed it can't confirm it"
    case 'evidence-missing':
      return 'say how you know, with --evidence'
    case 'evidence-too-long':
      return `the evidence has ${refusal.length} characters; at most ${refusal.max} are allowed`
    case 'coupon-id-malformed':
      return 'that is not a coupon id'
    case 'coupon-taken':
      return `that coupon belongs to another grant, ${refusal.grantId}`
    case 'lookups-reached':
      return `${counted(refusal.max, 'look-up')} were made; the next is possible at ${new Date(refusal.againAt).toISOString()}`
  }
}

const channelProblems = {
  'not-joined': 'the app is not in that channel',
  shared: 'it is shared with another workspace',
  archived: 'it is archived',
  unreadable: 'Slack does not show it to the app',
}

/** What is wrong with an openid. */
export function openidLine(problem: OpenidProblem): string {
  switch (problem.kind) {
    case 'empty':
      return 'it is empty'
    case 'union':
      return 'a unionid is no openid'
    case 'character':
      return `${JSON.stringify(problem.character)} at position ${problem.position} can't be part of an openid`
    case 'length':
      return `it has ${problem.length} characters; an openid has 28`
    case 'start':
      return `it begins with ${JSON.stringify(problem.character)}; an openid begins with o`
    case 'pattern':
      return `it doesn't match the policy's pattern ${problem.pattern}`
    case 'too-long':
      return `it has ${problem.length} characters; WeChat Pay takes at most 128`
  }
}

/** E.g. `1 coupon`, `2 coupons`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`
}
