import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { exampleWorkspace, startSlackSandbox } from '../../src/sandbox/slack/index.ts'
import { en } from '../../src/slack/blocks/words/en/index.ts'
import { createAnswer } from '../../src/slack/edge/answer.ts'
import { createSlackClients } from '../../src/slack/edge/clients.ts'
import { manifest } from './builders.ts'

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

test('answers nobody where it is not known who acted', async () => {
  const { answer, posts, log } = await start(null, 0, '')
  await answer({ text: 'Done.' })
  expect([posts, log]).toEqual([[], []])
})
