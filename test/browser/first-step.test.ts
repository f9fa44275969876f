import { expect } from 'vitest'
import { firstStep } from '../../src/sandbox/next-steps.ts'
import { checked } from './checked.ts'
import { startDesk, test } from './desk.ts'

for (const [person, width, typed] of [
  ['U0AGENT1', 1280, 'send'],
  ['U0AGENT2', 390, '发放'],
] as const)
  test(`shows ${person} a first step with an openid to copy, until it is done`, async ({ open }) => {
    const world = await startDesk()
    const { slack } = world
    await slack.person(person).command('/withdraw-coupon', 'help')
    await slack.person('U0LEAD1').say('Before', 'C0SUPPORT')
    await slack.handOver(firstStep)
    const sitting = await open(world, person, { look: { width } })
    const { page } = sitting
    const tip = page.getByRole('note')
    await tip.getByText(`/withdraw-coupon ${typed}`).waitFor()
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await tip.getByRole('button', { name: /Copy|复制/ }).click()
    await tip.getByRole('button', { name: /Copied|已复制/ }).waitFor()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(firstStep.copy)
    await checked(sitting, 'a first step')
    expect(await page.title()).not.toMatch(/^[(*]/)
    // Nothing of what was played, until it is asked for.
    expect(await page.locator('.entries details').count()).toBe(0)
    if (width > 390) {
      await page.getByRole('checkbox', { name: 'of the demonstration' }).check()
      await page.locator('.entries details').first().waitFor()
    }

    const other = await open(world, 'U0LEAD1')
    await other.page.getByRole('note').waitFor()
    await sitting.command(`${typed} ${firstStep.copy}`)
    await tip.waitFor({ state: 'detached' })
    await other.page.getByRole('button', { name: 'Hide this tip' }).click()
    await other.page.getByRole('note').waitFor({ state: 'detached' })
  })
