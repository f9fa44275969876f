import { expect } from 'vitest'
import { call } from '../sandbox/slack/small-app.ts'
import { checked } from './checked.ts'
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
  await checked(ada, 'a channel')
  await ada.say('Hello all')
  await lea.page.getByRole('link', { name: 'support unread' }).waitFor()
  expect(await lea.page.title()).toMatch(/^\* /)
  await ada.say('What do you think, @lea?')
  await lea.page.getByRole('link', { name: 'support 1 unread' }).waitFor()
  expect(await lea.page.title()).toMatch(/^\(1\) /)
  await lea.go('support')
  await lea.message('Hello all').waitFor()
  expect(await lea.page.getByText('What you can do here').count()).toBe(0)
  await lea.page.getByRole('link', { name: 'support', exact: true }).waitFor()
})

test('tells of replies whom they concern, and counts nothing for an edit', async ({ open }) => {
  const world = await startDesk()
  const { slack } = world
  const post = (text: string, more: object = {}) =>
    call(slack, 'chat.postMessage', { channel: 'C0APPROVE', text, ...more })
  const { ts } = await post('Who takes this one?')
  for (const id of ['U0LEAD1', 'U0LEAD2']) slack.person(id).read('C0APPROVE', String(ts))
  await slack.person('U0LEAD1').say('I do', 'C0APPROVE', String(ts))
  for (const id of ['U0LEAD1', 'U0LEAD2'])
    slack.person(id).read('C0APPROVE', String(slack.channelMessages('C0APPROVE').at(-1)?.ts))
  const lea = await open(world, 'U0LEAD1', { route: { channel: 'C0RANDOM' } })
  const wang = await open(world, 'U0LEAD2', { route: { channel: 'C0RANDOM' } })
  await call(slack, 'chat.update', { channel: 'C0APPROVE', ts, text: 'Decided, <@U0LEAD2>' })
  await post('Thank you', { thread_ts: ts })
  const thread = lea.page.getByRole('link', { name: 'Decided, @王磊 unread' })
  await thread.waitFor()
  await lea.page.getByRole('link', { name: 'coupon-approvals', exact: true }).waitFor()
  expect(await wang.page.title()).not.toMatch(/^[(*]/)
  await checked(lea, 'a thread with something new')
  await thread.click()
  await lea.page.locator('.thread').getByText('Thank you').waitFor()
  await thread.waitFor({ state: 'detached' })
  await post('All of you: done', { thread_ts: ts, reply_broadcast: true })
  await wang.page.getByRole('link', { name: 'coupon-approvals 有未读消息' }).waitFor()
})
