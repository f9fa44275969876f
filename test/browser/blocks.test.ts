import { expect } from 'vitest'
import { call } from '../sandbox/slack/small-app.ts'
import { checked } from './checked.ts'
import { startDesk, test } from './desk.ts'

const plain = (text: string) => ({ type: 'plain_text', text })
const cell = (text: string) => ({ type: 'raw_text', text })
const fen = (value: number) => ({ type: 'raw_number', value, text: `¥${value / 100}` })
const menu = {
  type: 'overflow',
  action_id: 'not-taken-by-the-app',
  options: [
    { text: plain('History'), value: 'history' },
    { text: plain('Ids'), value: 'ids' },
    { text: plain('Show openid'), value: 'openid' },
  ],
  confirm: { title: plain('Sure?'), text: plain('Really?'), confirm: plain('Do it'), deny: plain('No') },
}
const table = {
  type: 'data_table',
  caption: 'Twelve coupons',
  rows: [
    [cell('User'), cell('State of the coupon'), cell('Left')],
    ...Array.from({ length: 12 }, (_, index) => [
      cell(`oUpF…jWeS${String(index).padStart(2, '0')}`),
      cell(index % 2 === 0 ? 'usable until 31 December 2026' : 'used up'),
      fen(((index * 7) % 12) * 100),
    ]),
  ],
}

for (const [look, width] of [
  ['a wide', 1280],
  ['a narrow', 390],
] as const)
  test(`on ${look} screen a menu and a table are used by the mouse and by the keyboard`, async ({ open }) => {
    const world = await startDesk()
    const { slack } = world
    const blocks = [{ type: 'section', text: plain('A list'), accessory: menu }, table]
    await call(slack, 'chat.postMessage', { channel: 'C0APPROVE', text: 'A list', blocks })
    const chosen = () =>
      slack
        .traffic()
        .filter(({ kind }) => kind === 'interaction')
        .map(({ request }) => JSON.stringify(request).match(/"selected_option":.*?"value":"(\w+)"/)?.[1])

    const lea = await open(world, 'U0LEAD1', { route: { channel: 'C0APPROVE' }, look: { width } })
    const { page } = lea
    const dots = lea.message('A list').getByRole('button', { name: 'More actions', exact: true })
    await dots.click()
    const items = page.getByRole('menu', { name: 'More actions' }).getByRole('menuitem')
    await items.filter({ hasText: 'Ids' }).waitFor()
    await expect.poll(() => dots.getAttribute('aria-expanded')).toBe('true')
    await checked(lea, 'an open menu')
    const box = await page.getByRole('menu').boundingBox()
    expect(box && box.x >= 0 && box.x + box.width <= width).toBe(true)
    await items.filter({ hasText: 'Ids' }).click()
    const question = page.getByRole('alertdialog', { name: 'Sure?' })
    await question.getByRole('button', { name: 'No' }).click()
    await question.waitFor({ state: 'detached' })
    expect(chosen()).toEqual([])

    expect(await dots.evaluate((one) => one === document.activeElement)).toBe(true)
    for (const key of ['ArrowDown', 's', 'ArrowUp', 'Enter']) await page.keyboard.press(key)
    await question.getByRole('button', { name: 'Do it' }).click()
    await expect.poll(chosen).toEqual(['ids'])
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Escape')
    await page.getByRole('menu').waitFor({ state: 'hidden' })
    expect(await dots.evaluate((one) => one === document.activeElement)).toBe(true)
    await dots.click()
    await page.mouse.click(5, 5)
    await page.getByRole('menu').waitFor({ state: 'hidden' })

    const rows = lea.message('A list').getByRole('row')
    const firstCells = () => rows.getByRole('rowheader').allTextContents()
    expect((await firstCells()).map((text) => text.trim().slice(-2))).toEqual(['00', '01', '02', '03', '04'])
    await lea.message('A list').getByRole('status').getByText('1–5 of 12').waitFor()
    await lea.press('Left', { on: lea.message('A list') })
    await rows.getByRole('cell', { name: '¥4' }).waitFor()
    expect(await rows.locator('td.right').allTextContents()).toEqual(['¥0', '¥1', '¥2', '¥3', '¥4'])
    expect(
      await lea.message('A list').getByRole('columnheader', { name: 'Left' }).getAttribute('aria-sort'),
    ).toBe('ascending')
    await lea.press('Left', { on: lea.message('A list') })
    await rows.getByRole('cell', { name: '¥11' }).waitFor()
    await lea.press('Next', { on: lea.message('A list') })
    await lea.press('Next', { on: lea.message('A list') })
    await lea.message('A list').getByRole('status').getByText('11–12 of 12').waitFor()
    await checked(lea, 'a table')
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    expect(wider).toBe(0)
  })

test('keeps a menu open while its message is edited, and only while it is the same menu', async ({
  open,
}) => {
  const world = await startDesk()
  const { slack } = world
  const row = (of: string) => ({
    type: 'actions',
    elements: [
      { type: 'button', action_id: 'see', text: plain(`See ${of}`), value: of },
      { ...menu, options: menu.options.map((one) => ({ ...one, value: `${one.value} ${of}` })) },
    ],
  })
  const says = (text: string) => ({ type: 'section', text: plain(text) })
  const at = { channel: 'C0APPROVE', text: 'A list' }
  const { ts } = await call(slack, 'chat.postMessage', { ...at, blocks: [row('one'), says('1'), row('two')] })
  const edit = (...blocks: object[]) => call(slack, 'chat.update', { ...at, ts, blocks })

  const lea = await open(world, 'U0LEAD1', { route: { channel: 'C0APPROVE' } })
  const list = lea.message('See one')
  const menuOpen = lea.page.getByRole('menu', { name: 'More actions' })
  await list.getByRole('button', { name: 'More actions' }).first().click()
  await menuOpen.waitFor()
  await edit(says('New above'), row('one'), says('2'), row('two'))
  await list.getByText('New above').waitFor()
  expect(await menuOpen.isVisible()).toBe(true)

  await edit(says('One is gone'), row('two'))
  await lea.message('One is gone').waitFor()
  expect(await menuOpen.count()).toBe(0)
})
