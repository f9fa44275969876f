import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { runMain } from '../run-main.ts'
import { createWorld, examplePolicy, type World } from './world.ts'

/** Starts the app, which must not start. @returns what it wrote for whoever started it */
async function refusedStart(world: World, finished: (end: () => void) => void): Promise<string> {
  const app = runMain({ env: world.env, cwd: dirname(world.env.POLICY_FILE ?? ''), finished })
  expect(await app.ended).toBe(78)
  expect(app.written()).toContain("withdraw-coupon can't start:")
  expect(app.log).toEqual([])
  return app.written()
}

test.concurrent('tells whoever starts it that the policy is not YAML, and where', async ({
  onTestFinished: finished,
}) => {
  const world = await createWorld({ finished, policy: `${examplePolicy}\n  - x: [` })
  const written = await refusedStart(world, finished)
  expect(written).toContain(' is not YAML: ')
  expect(written).toMatch(/policy\.yaml:\d+:\d+ /)
})

test.concurrent('refuses a ledger of a newer version, and leaves it as it is', async ({
  onTestFinished: finished,
}) => {
  const world = await createWorld({ finished })
  const app = await world.start()
  await app.stop(1000)
  const ledger = new DatabaseSync((world.env.DATABASE_URL ?? '').slice('file:'.length))
  finished(() => ledger.close())
  ledger.exec("insert into migrations values (9999, 'of-tomorrow', 0)")
  expect(await refusedStart(world, finished)).toContain('start the newer version of the app')
  expect(ledger.prepare('select max(number) as latest from migrations').get()).toEqual({ latest: 9999 })
})

test.concurrent('sends nothing to addresses where all can read it', async ({ onTestFinished: finished }) => {
  const world = await createWorld({ finished })
  Object.assign(world.env, {
    WECHATPAY_BASE_URL: 'http://pay.example.com',
    SLACK_API_URL: 'http://slack.example.com/api/',
  })
  const written = await refusedStart(world, finished)
  expect(written).toContain('WECHATPAY_BASE_URL is')
  expect(written).toContain('SLACK_API_URL is')
})
