import { readdirSync, readFileSync } from 'node:fs'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { grantStates } from '../../../src/domain/grant.ts'
import { grantsThat, grantWith, issued, NOON, OPENID } from '../builders.ts'
import { startCards } from '../start-cards.ts'
import { startEdge } from '../start-edge.ts'

/** Manners towards everybody who reads: with eyes, ears or a phone's lock screen, in English or in Chinese. */

const words = new URL('../../../src/slack/blocks/words/', import.meta.url)
const source = (language: string) =>
  readdirSync(new URL(language, words))
    .map((name) => readFileSync(new URL(`${language}/${name}`, words), 'utf8'))
    .join('\n')

test('tells nothing by an emoji alone', () => {
  for (const language of ['en', 'zh-cn']) {
    expect(source(language)).not.toMatch(/:[a-z_]+:(?=[^'\s])/u)
    const signed = source(language).match(/(['`])[^'`]*\p{Extended_Pictographic}[^'`]*\1/gu) ?? []
    expect(signed.filter((text) => !/\p{L}|\$\{/u.test(text))).toEqual([])
  }
})

test('writes Chinese with Chinese punctuation, and spaces beside Latin letters and digits', () => {
  const chinese = source('zh-cn').replace(/\/\*\*.*?\*\//gs, '')
  expect(chinese.match(/.{0,9}(?:\p{Script=Han}[,;:?!]|[,;:?!]\p{Script=Han}).{0,9}/gu)).toBeNull()
  expect(chinese.match(/.{0,9}(?:\p{Script=Han}[0-9A-Za-z]|[0-9A-Za-z]\p{Script=Han}).{0,9}/gu)).toBeNull()
})

interface Shown {
  type?: string
  label?: { text?: string }
  text?: { text?: string } | string
}

/** Everything inside of blocks, however deep. */
function parts(value: unknown): Shown[] {
  if (typeof value !== 'object' || value === null) return []
  return [value as Shown, ...Object.values(value).flatMap(parts)]
}

test.each([
  'U0AGENT1',
  'U0AGENT2',
])('sends %s no message without a text, no input without a label and no button that says nothing', async (id) => {
  const grants = grantsThat({ grant: () => Promise.resolve(grantWith(issued)) })
  const { slack } = await startEdge({ grants, finished: onTestFinished })
  const person = slack.person(id)
  for (const text of ['help', 'banana', `list ${OPENID}`, 'list'])
    await person.command('/withdraw-coupon', text)
  await person.command('/withdraw-coupon', `send ${OPENID} withdraw-10 outage`)
  await slack.waitFor(() => person.view()?.callback_id === 'give')
  await person.submit()

  const logger = pino({ level: 'silent' })
  const cards = startCards(slack, logger)
  const language = id === 'U0AGENT1' ? 'en' : 'zh-CN'
  const card = { id: 'c', grantId: 'g', kind: 'dm', recipient: id, language, tries: 1, shown: null } as const
  const posted = await cards.draw({ ...card, place: null }, grantWith())
  const place = 'place' in posted ? posted.place : null
  for (const state of grantStates) await cards.draw({ ...card, place }, grantWith({ ...issued, state }))
  const fault = { kind: 'all', stockRef: null, stock: null, reason: 'NO_AUTH', message: 'x' } as const
  const hold = { id: 'h', ...fault, since: NOON, waiting: 1 }
  await cards.tellHold({ ...hold, endedAt: null, begunBy: 'app', endedBy: null }, null)

  const said = slack.traffic().filter(({ name }) => /^(?:chat|views|response_url)/.test(name))
  expect(said.length).toBeGreaterThan(12)
  for (const { name, request } of said) {
    const { text, view, blocks } = request as { text?: string; view?: unknown; blocks?: unknown }
    if (!name.startsWith('views')) expect(text).toMatch(/\S/)
    const all = parts([fromJson(view), fromJson(blocks)])
    for (const part of all) {
      if (part.type === 'input') expect(part.label?.text).toMatch(/\S/)
      if (part.type === 'button') expect(part.text).toMatchObject({ text: expect.stringMatching(/\S/) })
    }
    const labels = all.filter(({ type }) => type === 'button').map((part) => JSON.stringify(part.text))
    expect(new Set(labels).size).toBe(labels.length)
  }
})

/** The Web API's clients send structures as JSON in a form. */
function fromJson(value: unknown): unknown {
  return typeof value === 'string' ? JSON.parse(value) : value
}
