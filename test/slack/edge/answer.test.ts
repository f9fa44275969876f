import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { exampleWorkspace, startSlackSandbox } from '../../../src/sandbox/slack/index.ts'
import { dayCharts } from '../../../src/slack/blocks/chart.ts'
import { createReader } from '../../../src/slack/blocks/reader.ts'
import { rowLines, table } from '../../../src/slack/blocks/table.ts'
import { en } from '../../../src/slack/blocks/words/en/index.ts'
import { createAnswer, type TablesTaken } from '../../../src/slack/edge/answer.ts'
import { createSlackClients } from '../../../src/slack/edge/clients.ts'
import { AnswerRefusedError } from '../../../src/slack/edge/errors.ts'
import { manifest, NOON, policyWith } from '../builders.ts'

/** Answers to Ada, with a `response_url` that fails so many times. */
async function start(responseUrl: string | null, failures = 0, user = 'U0AGENT1') {
  const slack = await startSlackSandbox({ manifest, workspace: exampleWorkspace, transport: 'socket' })
  onTestFinished(() => slack.close())
  const log: { level: number }[] = []
  const logger = pino({ level: 'warn' }, { write: (line: string) => log.push(JSON.parse(line)) })
  const { interactions: client } = createSlackClients({
    botToken: slack.botToken,
    apiUrl: slack.apiUrl,
    logger,
  })
  const posts: object[] = []
  const post = async (_url: string, body: object) => {
    posts.push(body)
    if (posts.length <= failures) throw new Error('not taken')
  }
  const answer = createAnswer({ client, post, logger }, { responseUrl, user }, () => en)
  return { answer, posts, log, dm: () => slack.person('U0AGENT1').dm() }
}

test('answers in a direct message where Slack gives no response_url', async () => {
  const { answer, posts, dm } = await start(null)
  await answer({ text: 'Done.', replace: true })
  expect(posts).toEqual([])
  expect(dm().map(({ text }) => text)).toEqual(['Done.'])
})

test('tries a response_url twice, and says in the log when both fail', async () => {
  const once = await start('https://hooks.slack.com/x', 1)
  await once.answer({ text: 'Done.', replace: true })
  expect(once.posts).toMatchObject([{ text: 'Done.' }, { text: 'Done.', replace_original: true }])
  expect(once.log).toEqual([])
  const twice = await start('https://hooks.slack.com/x', 2)
  await twice.answer({ text: 'Done.' })
  expect(twice.posts).toHaveLength(2)
  expect(twice.log).toMatchObject([{ level: 50 }])
  expect(twice.dm()).toEqual([])
})

test('says the same with a plainer table where Slack refuses one, and remembers it', async () => {
  const slack = await startSlackSandbox({ manifest, workspace: exampleWorkspace, transport: 'socket' })
  onTestFinished(() => slack.close())
  const logger = pino({ level: 'silent' })
  const { interactions: client } = createSlackClients({
    botToken: slack.botToken,
    apiUrl: slack.apiUrl,
    logger,
  })
  const posts: { blocks: { type: string }[] }[] = []
  const refused = ['data_table', 'table']
  const post = async (_url: string, body: object) => {
    posts.push(body as (typeof posts)[number])
    const { blocks } = body as (typeof posts)[number]
    if (blocks.some(({ type }) => refused.includes(type))) throw new AnswerRefusedError(400, 'invalid_blocks')
  }
  const tables: TablesTaken = { form: 'data_table', charts: true }
  const to = { responseUrl: 'https://hooks.slack.com/x', user: 'U0AGENT1' }
  const answer = createAnswer({ client, post, logger }, to, () => en, tables)
  const reader = createReader('en', policyWith())
  const rows = [
    ['*Ada*', { user: 'U0AGENT1' }, { at: NOON }, { text: 'SUP-1', url: 'https://example.com' }, ''],
  ]
  const columns = ['a', 'b', 'c', 'd', 'e']
  const blocks = [table({ caption: 'All', columns, rows }, reader)]
  await answer({ text: 'Done.', blocks })
  const line =
    '`*Ada*` · <@U0AGENT1> · <!date^1795500000^{date_short_pretty} {time}|24 Nov 2026, 14:00 (GMT+8)> · SUP-1'
  expect(posts.map(({ blocks: [first] }) => first?.type)).toEqual(['data_table', 'table', 'section'])
  expect(posts[2]).toMatchObject({ text: 'Done.', blocks: [{ text: { text: line } }] })
  expect(rowLines({ rows }, reader)).toEqual([line])
  await answer({ text: 'Again.', blocks })
  expect(posts).toHaveLength(4)
  // What is refused for another reason stays refused, and is tried no oftener than that.
  const long = createAnswer(
    { client, post: () => Promise.reject(new AnswerRefusedError(404, 'used_url')), logger },
    to,
    () => en,
  )
  await long({ text: 'x', blocks })
})

test('says the days in text where Slack refuses a chart, keeps the table, and remembers it', async () => {
  const slack = await startSlackSandbox({ manifest, workspace: exampleWorkspace, transport: 'socket' })
  onTestFinished(() => slack.close())
  const logger = pino({ level: 'silent' })
  const { interactions: client } = createSlackClients({
    botToken: slack.botToken,
    apiUrl: slack.apiUrl,
    logger,
  })
  const posts: { blocks: { type: string; text?: { text: string } }[] }[] = []
  const post = async (_url: string, body: object) => {
    posts.push(body as (typeof posts)[number])
    if (posts.at(-1)?.blocks.some(({ type }) => type === 'data_visualization'))
      throw new AnswerRefusedError(400, 'invalid_blocks')
  }
  const tables: TablesTaken = { form: 'data_table', charts: true }
  const to = { responseUrl: 'https://hooks.slack.com/x', user: 'U0AGENT1' }
  const answer = createAnswer({ client, post, logger }, to, () => en, tables)
  const days = Array.from({ length: 31 }, (_, index) => ({
    day: `2026-12-${String(index + 1).padStart(2, '0')}`,
    count: index,
    quota: 0,
  }))
  const rows = [['1', '2']]
  const blocks = [
    ...dayCharts(days, en),
    table({ caption: 'All', columns: ['a', 'b'], rows }, createReader('en', policyWith())),
  ]
  await answer({ text: 'Done.', blocks })
  await answer({ text: 'Again.', blocks })
  const types = posts.map((body) => body.blocks.map(({ type }) => type))
  const plain = ['section', 'data_table']
  expect(types).toEqual([['data_visualization', 'data_visualization', 'data_table'], plain, plain])
  expect(posts[1]?.blocks[0]?.text?.text).toContain(`31 30 ${'█'.repeat(24)}`)
  expect(tables).toEqual({ form: 'data_table', charts: false })
})

test('answers nobody where it is not known who acted', async () => {
  const { answer, posts, log } = await start(null, 0, '')
  await answer({ text: 'Done.' })
  expect([posts, log]).toEqual([[], []])
})
