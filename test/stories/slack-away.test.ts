import { expect, test, vi } from 'vitest'
import type { FaultSpec, Person } from '../../src/sandbox/slack/index.ts'
import { en } from '../../src/slack/blocks/words/en/index.ts'
import { zhCN } from '../../src/slack/blocks/words/zh-cn/index.ts'
import { clock, openForm, startWorld, textOf, textsOf, told, transports, type World } from './world.ts'

const OPENID = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'
const OTHER = 'oUpF8uMuAJO_M2pxb1Q9zNjOTHER'
const ISSUED = en.approval.title.issued
const filled = `${OPENID} withdraw-10 outage`

/** Grave lines of the app's log. */
const errors = ({ log }: World) => log.filter(({ level }) => level === 'error' || level === 'fatal')

/** Submits as people do: again, where a busy machine has lost the connection meanwhile. */
async function submit(person: Person): Promise<void> {
  await vi.waitUntil(async () => (await person.submit()).kind === 'updated', {
    interval: 200,
    timeout: 60_000,
  })
}

test.concurrent('refuses with the reason and records nothing while Slack does not tell who is in a group', async ({
  onTestFinished: finished,
}) => {
  const time = clock()
  const world = await startWorld({ finished, strict: true, now: time.now })
  const { slack } = world
  const ada = slack.person('U0AGENT1')
  await openForm(world, ada, filled)
  time.forward(61_000)
  slack.fault({ name: 'web_api_hang', method: 'usergroups.users.list', times: 10 })
  await submit(ada)
  // A busy machine may say first that it is not sure.
  await slack.waitFor(() => textsOf(ada.view()).includes(en.refusal.rolesUnknown))
  expect(textsOf(ada.view())).toEqual([
    en.refusal.rolesUnknown,
    en.refusal.operators('ops@example.com'),
    en.refusal.nothingRecorded,
  ])
  await ada.close()

  await vi.waitUntil(async () => (await ada.command('/withdraw-coupon', 'send')).ok, {
    interval: 200,
    timeout: 60_000,
  })
  await slack.waitFor(() => ada.view()?.callback_id === 'loading')
  await slack.waitFor(() => ada.view()?.callback_id === 'notice')
  expect(textsOf(ada.view())).toEqual([en.refusal.rolesUnknown, en.refusal.operators('ops@example.com')])
  expect(world.recorded()).toEqual([])

  slack.clearFaults()
  time.forward(61_000)
  await openForm(world, ada, filled)
  await submit(ada)
})

// Slack's seconds are real here: what a busy machine makes late is tried again.
test.concurrent.for(transports)(
  'shows that it looks up who somebody is while Slack is slow, and then the form (%s)',
  { retry: 2 },
  async (transport, { onTestFinished: finished }) => {
    const world = await startWorld({ finished, transport })
    const { slack } = world
    const xiaoyu = slack.person('U0AGENT2')
    slack.fault({ name: 'web_api_hang', method: 'users.info' })
    await xiaoyu.command('/withdraw-coupon', `send ${filled}`)
    const loading = await slack.waitFor(() => xiaoyu.view())
    // Whose language is not known yet is told in the workspace's.
    expect(textsOf(loading)).toEqual([zhCN.form.loading])
    const form = await slack.waitFor(() => (xiaoyu.view()?.callback_id === 'give' ? xiaoyu.view() : null))
    expect(form.id).toBe(loading.id)
    expect(form.state.values.openid?.openid_input?.value).toBe(OPENID)
    await submit(xiaoyu)
    await told(world, xiaoyu, zhCN.approval.title.issued)
  },
)

const lostPosts: (Omit<FaultSpec, 'method'> & { title: string })[] = [
  { title: 'answers 500 after it has posted', name: 'web_api_500', acted: true },
  { title: 'answers 500 and has not posted', name: 'web_api_500' },
  { title: 'resets after it has posted', name: 'web_api_reset', acted: true },
  { title: 'asks to wait', name: 'web_api_429', retryAfter: 1 },
  { title: 'answers with an error of its own', name: 'web_api_error', error: 'internal_error' },
]
for (const { title, ...fault } of lostPosts)
  test.concurrent(`tells the result in one message when Slack ${title}`, async ({
    onTestFinished: finished,
  }) => {
    const world = await startWorld({ finished })
    const ada = world.slack.person('U0AGENT1')
    world.slack.fault({ ...fault, method: 'chat.postMessage' })
    await openForm(world, ada, filled)
    await submit(ada)
    await world.slack.waitFor(() => ada.dm().some(({ text }) => text.includes(ISSUED)))
    expect(ada.dm()).toHaveLength(1)
    expect(world.recorded()).toMatchObject([{ coupon_id: world.wechatpay.coupons()[0]?.coupon_id }])
  })

test.concurrent('shows the result at last though Slack refuses to change messages and views', async ({
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  const { slack } = world
  const ada = slack.person('U0AGENT1')
  // A busy app opens the form by a change, too.
  await openForm(world, ada, OPENID)
  slack.fault({ name: 'web_api_500', method: 'views.update', times: 3 })
  slack.fault({ name: 'web_api_500', method: 'chat.update', times: 2 })
  await ada.fill({ stock_select: 'withdraw-10', reason_select: 'outage' })
  await submit(ada)
  await told(world, ada, ISSUED)
  await slack.waitFor(() => textOf(ada.view()).includes(ISSUED))
  expect(ada.dm()).toHaveLength(1)
})

test.concurrent('loses nothing when every socket is cut as a form is submitted', async ({
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  const { slack } = world
  const ada = slack.person('U0AGENT1')
  await openForm(world, ada, filled)
  slack.fault({ name: 'socket_cut', kind: 'interaction' })
  await ada.submit()
  await told(world, ada, ISSUED)
  await slack.waitFor(() => textOf(ada.view()).includes(ISSUED))
  expect(world.recorded()).toMatchObject([{ openid: OPENID, state: 'issued' }])
  await slack.waitFor(() => slack.sockets() === 2)
  expect(await ada.command('/withdraw-coupon', 'help')).toMatchObject({ ok: true })
})

test.concurrent.for(
  transports,
)('gives once for commands and forms that arrive twice (%s)', async (transport, {
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished, transport })
  const { slack, wechatpay } = world
  const ada = slack.person('U0AGENT1')
  slack.fault({ name: 'command_twice' })
  await openForm(world, ada, filled)
  expect(ada.views()).toHaveLength(1)
  slack.fault({ name: 'submit_twice' })
  expect(await ada.submit()).toEqual({ kind: 'updated' })
  await told(world, ada, ISSUED)
  await slack.waitFor(() => textOf(ada.view()).includes(ISSUED))
  expect(wechatpay.coupons()).toHaveLength(1)
  expect(ada.dm()).toHaveLength(1)
  expect(ada.messages('C0SUPPORT')).toEqual([])
  expect(errors(world)).toEqual([])
})

test.concurrent.for(
  transports,
)('keeps to what a form recorded first when other values follow (%s)', async (transport, {
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished, transport })
  const { slack, wechatpay } = world
  const ada = slack.person('U0AGENT1')
  await openForm(world, ada, filled)
  const first = ada.submit()
  ada.fill({ openid_input: OTHER, stock_select: 'withdraw-50' })
  const second = ada.submit()
  expect(await first).toEqual({ kind: 'updated' })
  expect(await second).toEqual({ kind: 'updated' })
  await told(world, ada, ISSUED)
  await slack.waitFor(() => textOf(ada.view()).includes(ISSUED))
  expect(wechatpay.coupons()).toMatchObject([{ openid: OPENID, stock_id: '1304490000000059' }])
  expect(world.recorded()).toHaveLength(1)
  expect(ada.dm()).toHaveLength(1)
  expect(textOf(ada.view())).not.toContain('¥50')
  expect(errors(world)).toEqual([])
})

test.concurrent('takes a button that arrives twice as pressed once', async ({ onTestFinished: finished }) => {
  const world = await startWorld({ finished })
  const { slack } = world
  const ada = slack.person('U0AGENT1')
  await openForm(world, ada, filled)
  await submit(ada)
  await told(world, ada, ISSUED)
  await ada.close()
  slack.fault({ name: 'click_twice' })
  await ada.press({ actionId: 'give_another' })
  const answered = () =>
    slack.traffic().filter(({ name, request, answer }) => name === 'views.open' && request && answer)
  await slack.waitFor(() => answered().length === 3)
  expect(ada.views()).toHaveLength(1)
  await ada.submit()
  await slack.waitFor(() => ada.view()?.callback_id === 'another')
  expect(world.recorded()).toHaveLength(1)
  expect(errors(world)).toEqual([])
})

test.concurrent.for(
  transports,
)('shows the result though the acknowledgement of the form is lost (%s)', async (transport, {
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished, transport, slack: { patience: { ackMs: 1000 } } })
  const { slack, wechatpay } = world
  const ada = slack.person('U0AGENT1')
  await openForm(world, ada, filled)
  slack.fault({ name: 'ack_lost', kind: 'interaction' })
  expect(await ada.submit()).toMatchObject({ kind: 'failed', error: 'operation_timeout' })
  await told(world, ada, ISSUED)
  await slack.waitFor(() => textOf(ada.view()).includes(ISSUED))
  expect(ada.view()?.submit).toBeNull()
  expect(wechatpay.coupons()).toHaveLength(1)
})

test.concurrent.for([
  'unsigned',
  'bad_signature',
  'stale_signature',
] as const)('refuses a delivery that is not signed by Slack now (%s)', async (name, {
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished, transport: 'http' })
  const { slack } = world
  const ada = slack.person('U0AGENT1')
  await openForm(world, ada, filled)
  slack.fault({ name, kind: 'interaction' })
  expect(await ada.submit()).toMatchObject({
    kind: 'failed',
    error: 'dispatch_failed',
    why: 'http_error 401',
  })
  slack.fault({ name, kind: 'command' })
  expect(await ada.command('/withdraw-coupon', 'help')).toMatchObject({ ok: false })
  expect(ada.view()?.callback_id).toBe('give')
  expect(world.recorded()).toEqual([])
})
