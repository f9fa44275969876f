import { expect, onTestFinished, test } from 'vitest'
import { createApp } from '../src/app.ts'
import { loadConfig, secretsOf } from '../src/config/config.ts'
import { createLogger } from '../src/logger.ts'
import { loadPolicy } from '../src/policy/load-policy.ts'
import { createWorld, examplePolicy, told } from './stories/world.ts'

/** No openid of WeChat's form, so that only knowing where openids stand keeps it out of the log. */
const OPENID = 'canary-of-an-openid'
const NOTE = 'canary of a note'

test('writes no openid, note, token or key at any level, whatever Slack and WeChat Pay do', {
  timeout: 120_000,
}, async () => {
  const policy = examplePolicy.replace(/^# openid: .*$/m, () => "openid: '^canary-[a-z0-9-]+$'")
  const world = await createWorld({ policy })
  const { slack, wechatpay } = world
  const loaded = loadConfig(world.env)
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  const { config } = loaded
  const read = loadPolicy(config)
  if (!read.ok) throw new Error(read.text.en)
  const lines: string[] = []
  const logger = createLogger({
    level: 'trace',
    pretty: false,
    destination: { write: (line) => lines.push(line) },
    secrets: secretsOf(config),
  })
  const app = await createApp({ config, policy: read.policy, logger, now: Date.now })
  onTestFinished(async () => {
    await app.stop(2000)
  })
  await app.start()
  const ada = slack.person('U0AGENT1')
  const give = async (openid: string) => {
    await ada.command('/withdraw-coupon', `send ${openid} withdraw-10 other SUP-12 ${NOTE}`)
    await slack.waitFor(() => ada.view()?.callback_id === 'give')
    await ada.submit()
    await slack.waitFor(() => ada.view()?.callback_id !== 'give')
    await ada.close()
  }

  slack.fault({ name: 'web_api_500', method: 'chat.postMessage', times: 2 })
  await give(OPENID)
  await told(world, ada, 'Issued · ¥')
  const faults = [
    { name: 'refuse', code: 'PARAM_ERROR', message: OPENID },
    { name: 'reset-after' },
    { name: 'bad-signature' },
  ] as const
  for (const [index, fault] of faults.entries()) {
    wechatpay.fault({ ...fault, times: 1 })
    await give(`${OPENID}-${index}`)
    wechatpay.fault({ name: 'server-error', times: 1 })
    await ada.command('/withdraw-coupon', `list ${OPENID}-${index}`)
  }
  await ada.command('/withdraw-coupon', `list ${OPENID}!`)
  await slack.waitFor(() => ada.messages('C0SUPPORT').length >= faults.length + 1)
  await app.stop(5000)

  expect(lines.length).toBeGreaterThan(10)
  // As they look inside of JSON.
  const secrets = secretsOf(config).map((secret) => JSON.stringify(secret).slice(1, -1))
  for (const canary of [OPENID, NOTE, 'ticket=', '/response/', ...secrets])
    expect(lines.filter((line) => line.includes(canary))).toEqual([])
  expect(lines.join('')).toContain('ca…enid')
})
