import { readFileSync } from 'node:fs'
import type { AnyBlock } from '@slack/types'
import fc from 'fast-check'
import type { Customers } from '../../src/customers/index.ts'
import type { Grant } from '../../src/domain/grant.ts'
import type { Policy } from '../../src/domain/policy.ts'
import type {
  Abilities,
  FoundGrant,
  FoundOutcome,
  Grants,
  Preview,
  TrailEntry,
} from '../../src/grants/index.ts'
import { checkBlocks } from '../../src/sandbox/slack/blocks/check.ts'
import { fitMessage } from '../../src/slack/blocks/text.ts'
import { en } from '../../src/slack/blocks/words/en/index.ts'

/** 24 November 2026, 14:00 in Shanghai. */
export const NOON = Date.UTC(2026, 10, 24, 6)

const characters = fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }), {
  minLength: 1,
  maxLength: 20,
})
/**
 * Any text of at most this many characters from any script. Few distinct ones,
 * which repeat: making thousands takes long.
 */
export const anyText = (maxLength: number): fc.Arbitrary<string> =>
  fc
    .tuple(characters, fc.nat(maxLength))
    .map(([few, length]) => Array.from({ length }, (_, at) => few[at % few.length]).join(''))
export const OPENID = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'

export const manifest: {
  features: {
    slash_commands: { command: string; should_escape: boolean }[]
    shortcuts: { callback_id: string }[]
  }
  oauth_config: { scopes: { bot: string[] } }
  settings: { event_subscriptions: { bot_events: string[] } }
} = JSON.parse(readFileSync(new URL('../../manifest/manifest.json', import.meta.url), 'utf8'))

const withdraw10 = {
  key: 'withdraw-10',
  stockId: '1304490000000059',
  appid: 'wx0000000000000000',
  mchid: '1900000000',
  name: { en: 'Fee-free withdrawal ¥10', 'zh-CN': '10 元提现免费券' },
  quota: 1000,
  cost: 1,
}
const withdraw50 = {
  ...withdraw10,
  key: 'withdraw-50',
  stockId: '1304490000000060',
  name: { en: 'Fee-free withdrawal ¥50', 'zh-CN': '50 元提现免费券' },
  quota: 5000,
}

export function policyWith(change: Partial<Policy> = {}): Policy {
  return {
    hash: 'f00d',
    text: '',
    timezone: 'Asia/Shanghai',
    language: 'zh-CN',
    roles: {
      viewer: ['S0AGENTS'],
      requester: ['S0AGENTS'],
      approver: ['S0LEADS1'],
      auditor: ['U0AUDIT1'],
      operator: ['ops@example.com'],
    },
    alerts: 'C0ALERTS1',
    stocks: [withdraw10, withdraw50],
    reasons: [
      { key: 'outage', name: { en: 'Outage', 'zh-CN': '服务中断' }, noteRequired: false },
      { key: 'apology', name: { en: 'Apology', 'zh-CN': '致歉' }, noteRequired: true },
    ],
    rejections: [],
    openid: null,
    records: { keep: null },
    reconcile: null,
    customers: null,
    ticket: { required: false, pattern: '^SUP-\\d+$', url: null, example: 'SUP-123' },
    approval: {
      channel: 'C0APPROVE',
      approvals: 1,
      expiresAfter: 86_400_000,
      issueWithin: 604_800_000,
      selfApproval: false,
      remind: null,
      quiet: null,
      levels: [],
      escalate: [],
      automatic: [],
    },
    limits: { perUser: null, perRequester: null, perStock: null, lookups: null },
    ...change,
  }
}

export function grantWith(change: Partial<Grant> = {}): Grant {
  return {
    id: '01JD0000000000000000000001',
    sendRequestNo: '01JD0000000000000000000001',
    subject: 'S1',
    openid: OPENID,
    appid: withdraw10.appid,
    mchid: withdraw10.mchid,
    stockId: withdraw10.stockId,
    stock: withdraw10.key,
    stockName: withdraw10.name,
    quota: 1000,
    requester: 'U0AGENT1',
    reason: 'outage',
    reasonName: { en: 'Outage', 'zh-CN': '服务中断' },
    note: null,
    ticket: null,
    foundBy: null,
    source: null,
    state: 'approved',
    createdAt: NOON,
    stateAt: NOON,
    expiresAt: null,
    policyHash: 'f00d',
    approvalsNeeded: 0,
    approvalChannel: null,
    approvedByRule: 'small',
    approvalReason: null,
    issueBy: null,
    strandedAt: null,
    ended: null,
    hold: null,
    flag: null,
    attempts: 0,
    firstAttemptAt: null,
    maybeExecutedAt: null,
    couponId: null,
    couponExpiresAt: null,
    issuedAt: null,
    refusal: null,
    version: 1,
    ...change,
  }
}

/** 31 December 2026, 13:29:35 in Shanghai. */
export const EXPIRES = Date.UTC(2026, 11, 31, 5, 29, 35)
export const issued: Partial<Grant> = {
  state: 'issued',
  couponId: 'C688134DB8D27165DCD630B319A870679F29B3720EF89F4F8EAE01429641F8C2-17-1505164059',
  couponExpiresAt: EXPIRES,
  issuedAt: NOON,
  version: 4,
}

/** A line of a trail. */
export function trailEntry<K extends TrailEntry['kind']>(
  kind: K,
  data: Extract<TrailEntry, { kind: K }>['data'],
  { actor = 'U0LEAD1', said = null }: Partial<Pick<TrailEntry, 'actor' | 'said'>> = {},
): TrailEntry {
  return { at: NOON, kind, actor, data, said } as TrailEntry
}

export function abilitiesWith(change: Partial<Abilities> = {}): Abilities {
  return {
    roles: ['viewer', 'requester'],
    mayRequest: null,
    mayLookUp: null,
    decides: false,
    readsHistory: true,
    stocks: [
      { stock: withdraw10, left: { count: 988, quota: Number.POSITIVE_INFINITY, days: 1 } },
      { stock: withdraw50, left: null },
    ],
    requesterLimit: null,
    lookupsLeft: null,
    ...change,
  }
}

/** A page of grants, as it is drawn. */
export function foundWith(
  grants: Partial<Entry>[],
  change: Partial<Extract<FoundOutcome, { kind: 'found' }>> = {},
) {
  const entries = grants.map(
    (one): Entry => ({
      grant: grantWith(),
      decisions: [],
      card: null,
      forDeciding: null,
      link: null,
      ...one,
    }),
  )
  const page = { page: 1, from: 0, total: grants.length, isMore: false, hasMore: false }
  return { kind: 'found' as const, of: 'mine' as const, ...page, ...change, grants: entries }
}
type Entry = FoundGrant & { link: string | null }

export const needsApproval = {
  kind: 'needs-approval',
  approvals: 1,
  approvers: ['S0LEADS1'],
  channel: 'C0APPROVE',
  expiresAt: 0,
  reason: { code: 'always' },
  limits: [],
} satisfies Preview

/** Grants that give fixed answers, so that a test covers only the edge. */
export function grantsThat(answers: Partial<Grants> = {}): Grants {
  return {
    policy: () => policyWith(),
    abilities: () => Promise.resolve(abilitiesWith()),
    preview: () => Promise.resolve({ kind: 'automatic', rule: 'small', limits: [] }),
    receivedLately: () => Promise.resolve(null),
    request: ({ ask }) =>
      Promise.resolve({ kind: 'recorded', grant: grantWith({ openid: ask.openid }), repeated: false }),
    list: ({ openid }) =>
      Promise.resolve({ kind: 'listed', openid, coupons: [], open: [], failed: [], stocks: 2 }),
    grant: () => Promise.resolve(grantWith(issued)),
    issueDue: () => Promise.resolve(0),
    drawDue: () => Promise.resolve(0),
    tellHolds: () => Promise.resolve(0),
    lookForStranded: () => Promise.resolve(0),
    drain: () => Promise.resolve(true),
    ...answers,
  } as Grants
}

/** The look-up of users for a policy that names nothing to find them by. */
export const findsNobody: Customers = {
  kinds: () => [],
  mayNotFind: () => null,
  recognise: () => [],
  find: () => Promise.resolve({ kind: 'which', fit: [] }),
}

/** What Slack would refuse in a message with these blocks. */
export function checkSent(blocks: AnyBlock[]): string[] {
  return checkBlocks(fitMessage({ blocks }, en).blocks, 'message')
}
