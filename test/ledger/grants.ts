import { randomUUID } from 'node:crypto'
import type { Grant } from '../../src/domain/grant.ts'
import type { Ledger, NewCard, NewGrant } from '../../src/ledger/ledger.ts'

/** A grant that the policy would approve automatically; each from its own form. */
export function newGrant(overrides: Partial<NewGrant> = {}): NewGrant {
  return {
    submission: randomUUID(),
    openid: 'oTESTuser0000000000000000001',
    appid: 'wx0000000000000001',
    mchid: '1900000001',
    stockId: '1304490000000059',
    stock: 'withdraw-10',
    stockName: { en: 'Fee-free withdrawal ¥10', 'zh-CN': '10 元提现免费券' },
    quota: 1000,
    day: 20270115,
    requester: 'U0REQUESTER',
    reason: 'outage',
    reasonName: { en: 'Outage', 'zh-CN': '服务中断' },
    note: null,
    ticket: null,
    foundBy: null,
    source: null,
    state: 'approved',
    expiresAt: null,
    policyHash: 'no-such-policy',
    approvalsNeeded: 0,
    approvalChannel: null,
    approvedByRule: 'small',
    approvalReason: null,
    issueBy: null,
    remindAt: null,
    escalateAt: null,
    ...overrides,
  }
}

/** The stock of these grants. */
export const stock = { ref: '1900000001/1304490000000059', key: 'withdraw-10' }

export const dm: NewCard = { kind: 'dm', recipient: 'U0REQUESTER', language: 'en', place: null }

/** Records one grant. */
export function record(
  ledger: Ledger,
  overrides: Partial<NewGrant> = {},
  cards: NewCard[] = [dm],
): Promise<Grant> {
  return ledger.write((tx) => tx.recordGrant(newGrant(overrides), cards))
}
