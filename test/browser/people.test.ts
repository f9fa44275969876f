import { expect } from 'vitest'
import { startDesk, test } from './desk.ts'

test('lets one be somebody else, in this window or in another', async ({ open }) => {
  const world = await startDesk()
  const ada = await open(world, 'U0AGENT1')
  const { page } = ada
  await ada.composer.fill('a draft of Ada')
  await page.getByRole('button', { name: 'You are Ada' }).click()
  const people = page.getByRole('dialog', { name: 'Who are you?' })
  expect(await people.getByRole('button', { name: /Gone|Deploy Bot/ }).count()).toBe(0)
  expect(await people.getByRole('button', { name: 'Be here: Ada' }).isDisabled()).toBe(true)
  await people.getByRole('button', { name: 'Be here: 王磊' }).click()
  await page.getByRole('button', { name: '您是 王磊' }).waitFor()
  await page.getByRole('link', { name: 'coupon-alerts' }).waitFor({ state: 'detached' })
  expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN')
  expect(await ada.composer.inputValue()).toBe('')
  await page.goBack()
  await page.getByRole('button', { name: 'You are Ada' }).click()
  expect(await ada.composer.inputValue()).toBe('a draft of Ada')

  const [window] = await Promise.all([
    page.waitForEvent('popup'),
    people.getByRole('link', { name: 'In a new window: Lea' }).click(),
  ])
  await window.getByRole('button', { name: 'You are Lea' }).waitFor()
  await window.getByRole('link', { name: 'coupon-alerts' }).waitFor()
  await page.getByRole('button', { name: 'You are Ada' }).waitFor()
})

test('shows one person nothing that is only for another, and to whom a message is new', async ({ open }) => {
  const world = await startDesk()
  const [ada, lea] = [
    await open(world, 'U0AGENT1'),
    await open(world, 'U0LEAD1', { route: { channel: 'C0RANDOM' } }),
  ]
  await ada.command('help')
  await ada.message('Only visible to you', 'What you can do here').waitFor()
  await ada.say('Hello all')
  await lea.page.getByRole('link', { name: 'support 1 unread' }).waitFor()
  expect(await lea.page.title()).toMatch(/^\(1\) /)
  await lea.go('support')
  await lea.message('Hello all').waitFor()
  expect(await lea.page.getByText('What you can do here').count()).toBe(0)
  await lea.page.getByRole('link', { name: 'support', exact: true }).waitFor()
})
