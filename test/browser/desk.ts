import { test as base, expect } from 'vitest'
import { createClock } from '../../src/sandbox/clock.ts'
import type { WechatPaySandbox } from '../../src/sandbox/wechatpay/index.ts'
import { createWechatpayPanel } from '../../src/sandbox/wechatpay-panel.ts'
import { startWorld, type World } from '../stories/world.ts'
import { launchChromium } from './chromium.ts'
import { type Look, type Sitting, sitDown } from './sitting.ts'

/** Opens the page as a person; the test fails at its end when anything went wrong there. */
export type Open = (
  world: World,
  person: string,
  options?: { route?: Record<string, string>; look?: Look },
) => Promise<Sitting>

/** A test with a browser: one for all tests of a worker, with a window of its own for everybody who is opened. */
export const test = base
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern what a fixture takes
  .extend('browser', { scope: 'worker' }, async ({}, { onCleanup }) => {
    const browser = await launchChromium()
    onCleanup(() => browser.close())
    return browser
  })
  .extend('open', ({ browser, task, onTestFinished }): Open => {
    return async (world, person, { route, look } = {}) => {
      const sitting = await sitDown(browser, {
        pageUrl: world.slack.pageUrl,
        person,
        ...(route ? { route } : {}),
        ...(look ? { look } : {}),
      })
      onTestFinished(async () => {
        const { all, expected } = sitting.faults
        const met = [...all]
        if (task.result?.state === 'fail') process.stderr.write(`${await sitting.seen()}\n`)
        await sitting.leave()
        expect(met.filter((fault) => !expected.some((words) => words.test(fault)))).toEqual([])
      })
      return sitting
    }
  })

/** The whole product as `npm run sandbox` starts it: WeChat Pay is shown on the page, and one clock is moved for all. */
export async function startDesk(options: Parameters<typeof startWorld>[0] = {}): Promise<World> {
  const clock = createClock(Date.now)
  const wechatpay = Promise.withResolvers<WechatPaySandbox>()
  const world = await startWorld({
    now: clock.now,
    ...options,
    slack: { clock, wechatpayPanel: createWechatpayPanel(wechatpay.promise), ...options.slack },
  })
  wechatpay.resolve(world.wechatpay)
  return world
}
