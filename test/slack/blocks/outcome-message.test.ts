import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import type { Card } from '../../../src/domain/card.ts'
import type { Grant } from '../../../src/domain/grant.ts'
import type { Notice } from '../../../src/domain/news.ts'
import type { Outcome } from '../../../src/grants/index.ts'
import { exampleWorkspace, startSlackSandbox } from '../../../src/sandbox/slack/index.ts'
import { en } from '../../../src/slack/blocks/words/en/index.ts'
import { zhCN } from '../../../src/slack/blocks/words/zh-cn/index.ts'
import { textOf } from '../../stories/world.ts'
import { grantWith, issued, manifest, NOON } from '../builders.ts'
import { startCards } from '../start-cards.ts'

const card: Card = {
  id: 'card-1',
  grantId: 'g',
  kind: 'dm',
  recipient: 'U0AGENT1',
  language: 'en',
  place: null,
  tries: 0,
  shown: 'pending',
}

async function start() {
  const slack = await startSlackSandbox({
    manifest,
    workspace: structuredClone(exampleWorkspace),
    transport: 'socket',
  })
  onTestFinished(() => slack.close())
  const log: Record<string, unknown>[] = []
  const logger = pino({ level: 'info' }, { write: (line: string) => log.push(JSON.parse(line)) })
  const cards = startCards(slack, logger)
  const notice = (tries: number): Notice => ({
    id: 'notice-1',
    news: { kind: 'outcome', grantId: 'g', state: 'issued', also: [] },
    since: Date.now(),
    tries,
  })
  const tell = (outcomes: Outcome[], tries = 0) => cards.tellOutcomes(notice(tries), outcomes)
  return { slack, cards, log, tell, dm: () => slack.person('U0AGENT1').dm() }
}

function outcome(change: Partial<Grant>, of: Partial<Omit<Outcome, 'grant'>> = {}): Outcome {
  const grant = grantWith(change)
  return { state: grant.state, grant, card, view: null, isAfterAll: false, ...of }
}

const rejected: Partial<Grant> = {
  state: 'rejected',
  ended: { by: 'U0LEAD1', reason: 'see <!here>' },
  stateAt: NOON,
}

test('says in one new message how it ended, by whom, why and what next, in the requester’s language', async () => {
  const { slack, tell, dm, cards } = await start()
  const drawn = await cards.draw(card, grantWith(rejected))
  const place = 'place' in drawn ? drawn.place : null
  await tell([outcome(rejected, { card: { ...card, place } })])
  const refusal = { code: 'RULE_LIMIT', message: 'limit', requestId: null }
  const chinese = { card: { ...card, language: 'zh-CN' as const, recipient: 'U0AGENT2' } }
  await tell([outcome({ state: 'refused', refusal, ticket: 'SUP-*12*' }, chinese)])
  await tell([outcome(issued, { isAfterAll: true })])
  await tell([outcome(issued, chinese)])
  await tell([outcome({ state: 'expired', ended: { by: 'app', reason: null } })])
  await tell([outcome({ state: 'cancelled', ended: { by: 'policy', reason: 'too-late' } }, chinese)])
  await tell([outcome({ state: 'cancelled', ended: { by: 'cli:ops', reason: null } }, chinese)])
  const [first, ...told] = dm()
  const toldInChinese = slack.person('U0AGENT2').dm()
  expect(first?.metadata).toMatchObject({ event_payload: { card_id: 'card-1' } })
  expect(told.map(({ text }) => text)).toEqual([
    '❌ Rejected by <@U0LEAD1> · ¥10 · oUpF…jWeS6o',
    '✅ Issued after all · ¥10 · oUpF…jWeS6o',
    '⌛ Expired · ¥10 · oUpF…jWeS6o',
  ])
  expect(toldInChinese.map(({ text }) => text)).toEqual([
    `❌ ${zhCN.approval.title.refused} · ¥10 · oUpF…jWeS6o · \`SUP-*12*\``,
    `✅ ${zhCN.approval.title.issued} · ¥10 · oUpF…jWeS6o`,
    `↩ ${zhCN.approval.title.cancelled} · ¥10 · oUpF…jWeS6o`,
    '↩ ops（命令行） 已取消 · ¥10 · oUpF…jWeS6o',
  ])
  const texts = [...told, ...toldInChinese].map((message) => textOf(message))
  // The reason as it was written, what next, and a link to the lasting message.
  expect(texts[0]).toContain('{"type":"text","text":"see <!here>')
  expect(texts[0]).toContain(`archives/${first?.channel}/p${first?.ts.replace('.', '')}|Details>`)
  expect(texts[1]).toContain(en.card.passOn('¥10.00', null).slice(0, 20))
  expect(texts[1]).toContain(en.outcome.afterAll)
  expect(texts[2]).toContain(en.approval.next.expired)
  expect(texts[3]).toContain(zhCN.refusedBy.RULE_LIMIT.why)
  expect(texts[4]).toContain(zhCN.card.passOnLabel)
  for (const text of texts) expect(text).not.toContain('"type":"actions"')
})

test('finds what it has told though the answer was lost, and tells it once', async () => {
  const { slack, tell, dm } = await start()
  slack.fault({ name: 'web_api_500', method: 'chat.postMessage', acted: true })
  await expect(tell([outcome(issued)])).rejects.toThrow()
  expect(await tell([outcome(issued)], 1)).toBe(true)
  expect(dm()).toHaveLength(1)
})

test('tells several in one message, a line each and so many at most', async () => {
  const { tell, dm } = await start()
  await tell(Array.from({ length: 32 }, () => outcome(rejected)))
  const [message, ...others] = dm()
  expect(others).toEqual([])
  expect(message?.text).toBe('32 of your requests have ended')
  expect(textOf(message).split('❌ *Rejected by <@U0LEAD1>*')).toHaveLength(21)
  expect(textOf(message)).toContain('and 12 more')
})

test('gives up quietly on a requester who has left Slack', async () => {
  const { slack, tell, log } = await start()
  slack.fault({ name: 'web_api_error', method: 'conversations.open', error: 'user_disabled' })
  expect(await tell([outcome(issued)])).toBe(false)
  expect(log.filter(({ level }) => Number(level) >= 40)).toMatchObject([
    { level: 40, person: 'U0AGENT1', msg: 'requester can no longer be written to' },
  ])
})

test('knows of a message found again in which state it was new', async () => {
  const { slack, cards } = await start()
  const lose = () => slack.fault({ name: 'web_api_500', method: 'chat.postMessage', acted: true })
  lose()
  await expect(cards.draw(card, grantWith(issued))).rejects.toThrow()
  // Its reader was notified of the end by the post, and of none by a change.
  expect(await cards.draw({ ...card, tries: 1 }, grantWith(issued))).toMatchObject({ isNews: true })
  expect(await cards.draw({ ...card, tries: 1 }, grantWith(issued))).toMatchObject({ isNews: true })
  const other = { ...card, id: 'card-2' }
  lose()
  await expect(cards.draw(other, grantWith())).rejects.toThrow()
  for (let again = 0; again < 2; again++)
    expect(await cards.draw({ ...other, tries: 1 }, grantWith(issued))).toMatchObject({ isNews: false })
})
