import { expect, test } from 'vitest'
import { doctorWords } from '../../src/doctor/index.ts'
import { en } from '../../src/slack/blocks/words/en/index.ts'
import { zhCN } from '../../src/slack/blocks/words/zh-cn/index.ts'
import { examplePolicy, openForm, startWorld, textOf, told, type World } from './world.ts'

const COMPLAINT = '200201820261103000000000077'
const user = (letter: string) => `oUpF8uMuAJO_M2pxb1Q9zNjWeS6${letter}`

/** Asks for a coupon that a lead must approve. */
async function ask(world: World, id: string, openid: string) {
  const agent = world.slack.person(id)
  await openForm(world, agent, `${openid} withdraw-50 apology SUP-12`)
  expect((await agent.submit()).kind).toBe('updated')
  await agent.close()
}

/** The Home of a person, once it shows all of these words. */
const home = ({ slack }: World, id: string, ...words: string[]) =>
  slack.waitFor(
    () => {
      const view = slack.person(id).home()
      return view && words.every((word) => textOf(view).includes(word)) ? view : null
    },
    { what: `a Home of ${id} with ${words.join(', ')}` },
  )

test.concurrent.for([
  ['socket', 'U0LEAD1', en],
  ['http', 'U0LEAD2', zhCN],
] as const)('lets a lead decide from Home, which follows what changes (%s)', async ([transport, id, words], {
  expect,
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished, transport })
  const { slack } = world
  const lead = slack.person(id)
  await lead.openHome()
  await home(world, id, words.home.waiting(0, false))
  await ask(world, 'U0AGENT1', user('a'))
  const one = await home(world, id, words.home.waiting(1, false), 'SUP-12')
  expect(textOf(one)).toContain('U0AGENT1')

  const messages = lead.dm().length
  await lead.press({ actionId: 'approve' })
  await home(world, id, words.home.waiting(0, false))
  expect(world.recorded()).toMatchObject([{ state: expect.stringMatching(/approved|issuing|issued/) }])
  // It was answered on Home, and so not in a message.
  expect(lead.dm()).toHaveLength(messages)
  const before = lead.home()?.hash
  await lead.press({ actionId: 'home_refresh' })
  await slack.waitFor(() => lead.home()?.hash !== before)
  expect(slack.traffic().some(({ name, error }) => name === 'views.publish' && error)).toBe(false)
})

test.concurrent('shows the newest five of what waits, the own asks and what is left', async ({
  expect,
  onTestFinished: finished,
}) => {
  const policy = examplePolicy.replace(
    /\n {2}per_requester:.*\n/,
    '\n  per_requester: { quota: 50000, days: 7 }\n',
  )
  const world = await startWorld({ finished, policy })
  const { slack } = world
  const [ada, lea] = [slack.person('U0AGENT1'), slack.person('U0LEAD1')]
  for (const letter of 'abcdef') await ask(world, 'U0AGENT1', user(letter))
  await lea.openHome()
  const waiting = textOf(await home(world, lea.id, en.home.waiting(6, false)))
  expect(waiting).toContain(en.home.newest(5, 6))
  expect(waiting).not.toContain('WeS6a')
  const before = lea.dm().length
  await lea.press({ actionId: 'found_next', value: 'pending|1|' })
  await slack.waitFor(() => lea.dm().length > before)

  await ada.openHome()
  const own = textOf(await home(world, ada.id, en.home.mine, en.home.allMine, en.home.left))
  expect(own).toContain('▓▓▓░░░░░')
  expect(own).not.toContain(en.home.waiting(0, false))
  await ada.press({ actionId: 'home_give' })
  await slack.waitFor(() => ada.view()?.callback_id === 'give')
})

test.concurrent('shows operators what is paused, auditors the month, and a guest a clear word', async ({
  expect,
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  const { slack } = world
  const [olaf, audrey, gus] = ['U0OPS001', 'U0AUDIT1', 'U0GUEST1'].map((id) => slack.person(id))
  if (!olaf || !audrey || !gus) throw new Error('nobody')
  await openForm(world, slack.person('U0AGENT1'), `${user('z')} withdraw-10 outage`)
  await slack.person('U0AGENT1').submit()
  await Promise.all([olaf.openHome(), audrey.openHome(), gus.openHome()])
  await home(world, olaf.id, en.home.stuckNone)
  await olaf.command('/withdraw-coupon', 'pause withdraw-10 given twice?')
  await home(world, olaf.id, '⏸', en.home.showStuck)
  await olaf.press({ actionId: 'home_stuck' })
  await told(world, olaf, en.stuck.title)

  await home(world, audrey.id, en.home.month, en.home.monthSum(1, '¥10'))
  const guest = await home(world, gus.id, en.refusal.standing('guest'))
  expect(textOf(guest)).not.toContain(en.home.give)
  expect(textOf(guest)).toContain(en.home.refresh)
})

test.concurrent('finds a user from Home, to give to or to look up', async ({
  expect,
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  const { slack } = world
  const ada = slack.person('U0AGENT1')
  world.wechatpay.order({ openid: user('f'), total: 990, complaint: { complaint_id: COMPLAINT } })
  await ada.openHome()
  await home(world, ada.id, en.home.find)
  const find = async () => {
    await ada.press({ actionId: 'home_find' })
    await slack.waitFor(() => ada.view()?.callback_id === 'find')
    await ada.fill({ find_kind_radio: 'complaint', find_number_input: COMPLAINT })
    expect(await ada.submit()).toEqual({ kind: 'updated' })
    return slack.waitFor(() => (ada.view()?.callback_id === 'found' ? ada.view() : null))
  }
  const found = await find()
  expect(textOf(found)).toContain('Paid ¥9.90')
  expect(found.state.values.find_next?.find_next_radio?.selected_option?.value).toBe('give')
  expect(await ada.submit()).toEqual({ kind: 'updated' })
  const form = await slack.waitFor(() => (ada.view()?.callback_id === 'give' ? ada.view() : null))
  expect(form.state.values.openid?.openid_input?.value).toBe(user('f'))
  expect(textOf(form)).toContain('complaint 2002…0077')
  await ada.fill({ stock_select: 'withdraw-10', reason_select: 'outage' })
  await ada.submit()
  await slack.waitFor(() => world.recorded()[0]?.state === 'issued')
  await ada.close()

  await find()
  await ada.fill({ find_next_radio: 'look-up' })
  expect(await ada.submit()).toEqual({ kind: 'closed' })
  await told(world, ada, '¥10', 'oUpF…jWeS6f')
})

test.concurrent('tells an operator what the checks of the set-up found, and checks again', async ({
  expect,
  onTestFinished: finished,
}) => {
  const policy = examplePolicy.replace(/\nalerts: .*\n/, '\n')
  const world = await startWorld({ finished, policy, checksSetUp: true })
  const { slack } = world
  const olaf = slack.person('U0OPS001')
  await olaf.openHome()
  const [seen = '', remedy = ''] = doctorWords.en.findings['alerts-unset']({})
  // Whether it was checked by then or is only now: Home follows.
  const shown = textOf(await home(world, olaf.id, seen, remedy))
  const before = olaf.dm().length
  await olaf.press({ actionId: 'home_set_up' })
  await slack.waitFor(() => olaf.dm().length > before)
  await told(world, olaf, doctorWords.en.title, seen)
  expect(shown).toContain(en.home.checkSetUp)
  await slack.person('U0LEAD1').openHome()
  expect(textOf(await home(world, 'U0LEAD1', en.home.waiting(0, false)))).not.toContain(seen)
})
