import type { Decision, Grant, Settlement } from '../../src/domain/grant.ts'
import type { Language } from '../../src/domain/text.ts'
import type { CardFacts } from '../../src/grants/index.ts'
import { grantButtons, showApproval, showGrant } from '../../src/slack/blocks/grant-cards.ts'
import { createReader } from '../../src/slack/blocks/reader.ts'
import type { Message } from '../../src/slack/blocks/text.ts'
import { grantWith, issued, NOON, policyWith } from './builders.ts'

const HOUR = 3_600_000
const policy = policyWith({
  ticket: { required: false, pattern: null, url: 'https://example.com/tickets/{id}' },
})

const approve = (approver: string, at = NOON + HOUR): Decision => ({
  grantId: grantWith().id,
  approver,
  kind: 'approve',
  reason: null,
  at,
})

const asked: Partial<Grant> = {
  state: 'pending',
  stock: 'withdraw-50',
  stockName: { en: 'Fee-free withdrawal ¥50', 'zh-CN': '50 元提现免费券' },
  quota: 5000,
  note: 'The app was down for *two* hours <!channel>',
  ticket: 'SUP-12',
  expiresAt: NOON + 24 * HOUR,
  approvalsNeeded: 2,
  approvalChannel: 'C0APPROVE',
  approvedByRule: null,
  approvalReason: { code: 'above-quota', max: 1000 },
}
const forDeciding: CardFacts['forDeciding'] = {
  approvers: ['S0LEADS1', 'boss@example.com'],
  given: {
    days: 30,
    count: 1,
    latest: [grantWith({ ...issued, requester: 'U0AGENT2', createdAt: NOON - 48 * HOUR })],
  },
  underWay: [],
  ticketUsers: 0,
  level: { approvals: 2, aboveQuota: 1000 },
  limits: [
    { kind: 'user', limit: { count: 3, quota: null, days: 30 }, used: { count: 2, quota: 6000 } },
    { kind: 'requester', limit: { count: null, quota: 20_000, days: 7 }, used: { count: 3, quota: 7000 } },
    { kind: 'stock', limit: { count: 1000, quota: null, days: 1 }, used: { count: 12, quota: 60_000 } },
  ],
  cost: 5,
}
const both = [approve('U0LEAD1'), approve('U0LEAD2', NOON + 2 * HOUR)]
const later = { stateAt: NOON + 2 * HOUR }

const settlement: Settlement = {
  id: '01JD0000000000000000000009',
  grantId: grantWith().id,
  verdict: { kind: 'issued', couponId: 'C1' },
  evidence: 'The merchant platform lists it',
  proposedBy: 'cli:olaf',
  proposedAt: NOON + HOUR,
  ended: { by: 'U0LEAD2', at: NOON + 2 * HOUR, outcome: 'confirmed' },
}
const paused = { hold: { reason: 'paused', at: NOON } }

/** A grant in every state that a card can show, by the state's description. */
export const states: Record<string, { grant: Partial<Grant>; beside?: Partial<CardFacts> }> = {
  waiting: { grant: asked, beside: { forDeciding } },
  'waiting, the first for its user': {
    grant: { ...asked, approvalsNeeded: 1, note: null, ticket: null },
    beside: {
      forDeciding: {
        ...forDeciding,
        level: { approvals: 1, aboveQuota: null },
        given: { days: 30, count: 0, latest: [] },
        limits: [],
        cost: null,
      },
    },
  },
  'waiting beside another, with a ticket of others and a note of many lines': {
    grant: { ...asked, note: Array.from({ length: 500 }, (_, line) => line).join('\n') },
    beside: {
      forDeciding: { ...forDeciding, underWay: [grantWith({ createdAt: NOON - HOUR })], ticketUsers: 2 },
    },
  },
  'waiting, its coupon taken out of the policy and a limit lowered': {
    grant: { ...asked, stockId: '1304490000000099' },
    beside: {
      forDeciding: {
        ...forDeciding,
        limits: [
          { kind: 'user', limit: { count: 1, quota: 5000, days: 7 }, used: { count: 1, quota: 16_000 } },
        ],
        cost: null,
      },
    },
  },
  'not asked yet': { grant: { ...asked, notAsked: { operatorsTold: true } }, beside: { forDeciding } },
  'issued by the policy itself': { grant: { ...issued, note: 'was charged twice', ticket: 'SUP-12' } },
  '1 of 2 approved': { grant: asked, beside: { forDeciding, decisions: [approve('U0LEAD1')] } },
  approved: { grant: { ...asked, ...later, state: 'approved' }, beside: { decisions: both } },
  'approved by who had asked': {
    grant: { ...asked, ...later, state: 'approved' },
    beside: { decisions: [approve('U0AGENT1')] },
  },
  'approved and waiting': {
    grant: { ...asked, ...later, state: 'approved', hold: { reason: 'NO_AUTH', at: NOON } },
    beside: { decisions: both },
  },
  'being issued': {
    grant: { ...asked, ...later, state: 'issuing', attempts: 1 },
    beside: { decisions: both },
  },
  'being checked': {
    grant: {
      ...asked,
      ...later,
      state: 'issuing',
      flag: { kind: 'checking', reason: 'no-answer', at: NOON },
    },
    beside: { decisions: both },
  },
  'needs a look': {
    grant: {
      ...asked,
      ...later,
      state: 'issuing',
      flag: { kind: 'needs-look', reason: 'ALREADY_EXISTS', at: NOON },
    },
    beside: { decisions: both },
  },
  issued: { grant: { ...asked, ...later, ...issued }, beside: { decisions: both } },
  'refused by WeChat Pay': {
    grant: {
      ...asked,
      ...later,
      state: 'refused',
      refusal: { code: 'RULE_LIMIT', message: '用户已达上限', requestId: '08F7D5-0' },
    },
    beside: { decisions: both },
  },
  'approved, issuing paused': {
    grant: { ...asked, ...later, ...paused, state: 'approved' },
    beside: { decisions: both },
  },
  'approved, restored from a backup': {
    grant: { ...asked, ...later, state: 'approved', hold: { reason: 'restored', at: NOON } },
    beside: { decisions: both },
  },
  'sent before the pause': {
    grant: { ...asked, ...later, ...paused, state: 'issuing', attempts: 1 },
    beside: { decisions: both },
  },
  'not answered before the pause': {
    grant: {
      ...asked,
      ...later,
      ...paused,
      state: 'issuing',
      flag: { kind: 'checking', reason: 'no-answer', at: NOON },
    },
    beside: { decisions: both },
  },
  'needs a look during a pause': {
    grant: {
      ...asked,
      ...later,
      ...paused,
      state: 'issuing',
      flag: { kind: 'needs-look', reason: 'ALREADY_EXISTS', at: NOON },
    },
    beside: { decisions: both },
  },
  'issued, as people have settled it': {
    grant: { ...asked, ...later, ...issued, couponExpiresAt: null },
    beside: { decisions: both, settlement },
  },
  'not issued, as people have settled it': {
    grant: {
      ...asked,
      ...later,
      state: 'refused',
      refusal: { code: 'SETTLED_NOT_ISSUED', message: 'nothing <@U0AGENT1> *there*', requestId: null },
    },
    beside: { decisions: both, settlement: { ...settlement, verdict: { kind: 'not-issued' } } },
  },
  rejected: {
    grant: {
      ...asked,
      ...later,
      state: 'rejected',
      ended: { by: 'U0LEAD1', reason: 'not <@U0AGENT1> *again*' },
    },
  },
  'rejected for a reason of the policy': {
    grant: {
      ...asked,
      ...later,
      state: 'rejected',
      ended: {
        by: 'U0LEAD1',
        reason: 'see *the* ticket',
        named: { en: 'Given enough already', 'zh-CN': '已获得足够补偿' },
      },
    },
  },
  corrected: {
    grant: {
      ...asked,
      ...later,
      state: 'cancelled',
      ended: { by: 'U0AGENT1', reason: null, isCorrected: true },
    },
  },
  'cancelled by its requester': {
    grant: { ...asked, ...later, state: 'cancelled', ended: { by: 'U0AGENT1', reason: null } },
  },
  'cancelled by an approver': {
    grant: {
      ...asked,
      ...later,
      state: 'cancelled',
      ended: { by: 'U0LEAD2', reason: 'another way was found' },
    },
  },
  'cancelled by the policy': {
    grant: { ...asked, ...later, state: 'cancelled', ended: { by: 'policy', reason: 'too-late' } },
  },
  expired: { grant: { ...asked, ...later, state: 'expired', ended: { by: 'app', reason: null } } },
}

const besideOf = ({ beside }: (typeof states)[string]): CardFacts => ({
  decisions: [],
  settlement: null,
  forDeciding: null,
  ...beside,
})

function stateOf(name: string): (typeof states)[string] {
  const state = states[name]
  if (!state) throw new Error(`there is no state ${name}`)
  return state
}

/** The approvers' card. */
export function approvalCard(name: string, language: Language): Message {
  const state = stateOf(name)
  return showApproval(grantWith(state.grant), besideOf(state), createReader(language, policy))
}

/** The requester's message. */
export function requesterMessage(name: string, language: Language): Message {
  const state = stateOf(name)
  const [grant, reader] = [grantWith(state.grant), createReader(language, policy)]
  const { text, blocks } = showGrant(grant, reader, besideOf(state))
  return { text, blocks: [...blocks, grantButtons(grant, reader)] }
}
