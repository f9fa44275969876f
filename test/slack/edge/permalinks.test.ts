import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { exampleWorkspace, startSlackSandbox } from '../../../src/sandbox/slack/index.ts'
import { createSlackClients } from '../../../src/slack/edge/clients.ts'
import { createPermalinks } from '../../../src/slack/edge/permalinks.ts'
import { manifest } from '../builders.ts'

test('asks once for the address of a message, and does without where Slack tells none', async () => {
  const slack = await startSlackSandbox({ manifest, workspace: exampleWorkspace, transport: 'socket' })
  onTestFinished(() => slack.close())
  const logger = pino({ level: 'silent' })
  const { interactions: client } = createSlackClients({
    botToken: slack.botToken,
    apiUrl: slack.apiUrl,
    logger,
  })
  const { ts = '' } = await client.chat.postMessage({ channel: 'C0APPROVE', text: 'a card' })
  const link = createPermalinks(client)
  const found = await link({ channel: 'C0APPROVE', ts })
  expect(found).toMatch(/^https?:.*C0APPROVE/)
  slack.fault({ name: 'web_api_429', method: 'chat.getPermalink', retryAfter: 60, times: 1 })
  expect(await link({ channel: 'C0APPROVE', ts })).toBe(found)
  expect(await link({ channel: 'C0APPROVE', ts: '1.000001' })).toBeNull()
  expect(await link({ channel: 'C0APPROVE', ts: '1.000001' })).toBeNull()
})
