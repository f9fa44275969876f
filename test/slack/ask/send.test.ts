import { expect, test } from 'vitest'
import type { RequestInput } from '../../../src/grants/index.ts'
import { abilitiesWith, grantsThat, grantWith, issued, needsApproval, OPENID } from '../builders.ts'
import { startEdge, viewOf } from '../start-edge.ts'

for (const transport of ['socket', 'http'] as const) {
  test.concurrent(`opens the form filled in by what was typed, and records what is submitted, over ${transport}`, async ({
    onTestFinished: finished,
  }) => {
    const requests: RequestInput[] = []
    const grants = grantsThat({
      request: (input) => {
        requests.push(input)
        return Promise.resolve({ kind: 'recorded', grant: grantWith(), repeated: false })
      },
      grant: () => Promise.resolve(grantWith()),
    })
    const { slack } = await startEdge({ grants, transport, finished })
    const ada = slack.person('U0AGENT1')

    await ada.command('/withdraw-coupon', `send ${OPENID} withdraw-50 outage SUP-12 the app was down`)
    const form = await viewOf(slack, ada)
    expect(form.title.text).toBe('Give a coupon')
    expect(form.submit?.text).toBe('Give coupon')
    expect(await ada.submit()).toEqual({ kind: 'updated' })

    expect(requests).toMatchObject([
      {
        person: { id: 'U0AGENT1', email: 'ada@example.com', groups: ['S0AGENTS'], standing: 'member' },
        ask: {
          openid: OPENID,
          stock: 'withdraw-50',
          reason: 'outage',
          ticket: 'SUP-12',
          note: 'the app was down',
        },
        submission: form.id,
        another: null,
        language: 'en',
        viewId: form.id,
      },
    ])
    expect(JSON.stringify(ada.view()?.blocks)).toContain('Issuing now')
    expect(ada.view()?.callback_id).toBe('recorded')
  })
}

test.concurrent('speaks Chinese to a person whose Slack is Chinese', async ({ onTestFinished: finished }) => {
  const { slack } = await startEdge({ finished })
  const xiaoyu = slack.person('U0AGENT2')
  await xiaoyu.command('/withdraw-coupon', `发放 ${OPENID} "10 元提现免费券" 致歉`)
  const form = await viewOf(slack, xiaoyu)
  expect(form.title.text).toBe('发放提现免费券')
  expect(form.submit?.text).toBe('发放')
  expect(form.state.values.stock?.stock_select?.selected_option?.value).toBe('withdraw-10')
  expect(form.state.values.reason?.reason_select?.selected_option?.value).toBe('apology')
})

// Not beside the others: what takes longer than a second is said in the loading view.
test('says why instead of the form to somebody who may not give coupons', async ({
  onTestFinished: finished,
}) => {
  const grants = grantsThat({
    abilities: () =>
      Promise.resolve(abilitiesWith({ mayRequest: { code: 'role-missing', role: 'requester' }, stocks: [] })),
  })
  const { slack } = await startEdge({ grants, finished })
  const lea = slack.person('U0LEAD1')
  await lea.command('/withdraw-coupon', 'send', { channel: 'C0SUPPORT' })
  const told = await slack.waitFor(() => lea.messages('C0SUPPORT').at(-1))
  expect(told.onlyFor).toBe('U0LEAD1')
  expect(JSON.stringify(told.blocks)).toContain('You are not in a group that may give coupons.')
  expect(JSON.stringify(told.blocks)).toContain('ops@example.com')
  expect(lea.view()).toBeUndefined()
})

test.concurrent('shows errors at their fields and keeps the form', async ({ onTestFinished: finished }) => {
  const grants = grantsThat({
    request: () =>
      Promise.resolve({
        kind: 'refused',
        problems: [
          {
            field: 'openid',
            refusal: {
              code: 'openid-malformed',
              problem: { kind: 'character', character: ' ', position: 5 },
            },
          },
          {
            field: null,
            refusal: {
              code: 'limit-reached',
              limit: 'stock',
              measure: 'count',
              used: 10,
              max: 10,
              adding: 1,
              days: 1,
            },
          },
        ],
      }),
  })
  const { slack } = await startEdge({ grants, finished })
  const ada = slack.person('U0AGENT1')
  await ada.command('/withdraw-coupon', `send ${OPENID} withdraw-10 outage`)
  await viewOf(slack, ada)
  expect(await ada.submit()).toEqual({
    kind: 'errors',
    local: false,
    errors: {
      openid: 'An openid has only letters, digits, - and _. This has a space at position 5.',
      stock:
        'Over this coupon’s limit: 0 of 10 coupons left (today), this needs 1. Try again tomorrow, or ask an operator to raise the limit.',
    },
  })
  expect(ada.view()?.callback_id).toBe('give')
})

test.concurrent('says in a view why something that is no field’s is refused', async ({
  onTestFinished: finished,
}) => {
  const grants = grantsThat({
    request: () =>
      Promise.resolve({ kind: 'refused', problems: [{ field: null, refusal: { code: 'roles-unknown' } }] }),
  })
  const { slack } = await startEdge({ grants, finished })
  const ada = slack.person('U0AGENT1')
  await ada.command('/withdraw-coupon', `send ${OPENID} withdraw-10 outage`)
  await viewOf(slack, ada)
  expect(await ada.submit()).toEqual({ kind: 'updated' })
  expect(JSON.stringify(ada.view()?.blocks)).toContain('Slack didn’t say in time')
  expect(JSON.stringify(ada.view()?.blocks)).toContain('Nothing was recorded.')
})

test.concurrent('asks "another one?" in a second view, which gives another with the same values', async ({
  onTestFinished: finished,
}) => {
  const requests: RequestInput[] = []
  const grants = grantsThat({
    request: (input) => {
      requests.push(input)
      return Promise.resolve(
        input.another
          ? { kind: 'recorded', grant: grantWith(), repeated: false }
          : { kind: 'another', previous: grantWith({ ...issued, requester: 'U0AGENT2' }) },
      )
    },
    grant: () => Promise.resolve(grantWith()),
  })
  const { slack } = await startEdge({ grants, finished })
  const ada = slack.person('U0AGENT1')
  await ada.command('/withdraw-coupon', `send ${OPENID} withdraw-10 outage`)
  const form = await viewOf(slack, ada)
  expect(await ada.submit()).toEqual({ kind: 'pushed' })
  const second = ada.view()
  expect(JSON.stringify(second?.blocks)).toContain('<@U0AGENT2> gave this user the same coupon')
  expect(JSON.stringify(second?.blocks)).not.toContain(OPENID)
  expect(await ada.submit()).toEqual({ kind: 'updated' })
  expect(requests.map(({ submission, another, viewId }) => ({ submission, another, viewId }))).toEqual([
    { submission: form.id, another: null, viewId: form.id },
    { submission: form.id, another: grantWith().id, viewId: second?.id },
  ])
  expect(requests[1]?.ask).toEqual(requests[0]?.ask)
})

test.concurrent('shows what a form recorded when it is submitted twice with other values', async ({
  onTestFinished: finished,
}) => {
  const grants = grantsThat({
    request: () => Promise.resolve({ kind: 'recorded', grant: grantWith(issued), repeated: true }),
  })
  const { slack } = await startEdge({ grants, finished })
  const ada = slack.person('U0AGENT1')
  await ada.command('/withdraw-coupon', `send ${OPENID} withdraw-50 outage`)
  await viewOf(slack, ada)
  await ada.submit()
  const shown = JSON.stringify(ada.view()?.blocks)
  expect(shown).toContain('This form was submitted before')
  expect(shown).toContain('Fee-free withdrawal ¥10')
})

test.concurrent('says that nothing is sure when recording fails, and gives a number that is in the log', async ({
  onTestFinished: finished,
}) => {
  const grants = grantsThat({ request: () => Promise.reject(new Error('disk on fire')) })
  const { slack, log } = await startEdge({ grants, finished })
  const ada = slack.person('U0AGENT1')
  await ada.command('/withdraw-coupon', `send ${OPENID} withdraw-10 outage`)
  await viewOf(slack, ada)
  expect(await ada.submit()).toEqual({ kind: 'updated' })
  const id = log.find(({ errorId }) => errorId)?.errorId
  expect(id).toMatch(/^[0-9a-f]{8}$/)
  expect(JSON.stringify(ada.view()?.blocks)).toContain(String(id))
  expect(JSON.stringify(ada.view()?.blocks)).toContain('isn’t clear whether your request was recorded')
})

test.concurrent('says that nothing was recorded when the ledger is busy, and keeps the form', async ({
  onTestFinished: finished,
}) => {
  const grants = grantsThat({ request: () => Promise.resolve({ kind: 'busy' }) })
  const { slack } = await startEdge({ grants, finished })
  const ada = slack.person('U0AGENT1')
  await ada.command('/withdraw-coupon', `send ${OPENID} withdraw-10 outage`)
  await viewOf(slack, ada)
  expect(await ada.submit()).toMatchObject({
    kind: 'errors',
    errors: { openid: expect.stringContaining('nothing was recorded') },
  })
})

test.concurrent('tells while the form is filled in whether an approval is needed', async ({
  onTestFinished: finished,
}) => {
  const grants = grantsThat({
    preview: (_person, ask) =>
      Promise.resolve(
        ask.stock === 'withdraw-50' ? needsApproval : { kind: 'automatic', rule: 'small', limits: [] },
      ),
  })
  const { slack } = await startEdge({ grants, finished })
  const ada = slack.person('U0AGENT1')
  await ada.command('/withdraw-coupon', `send ${OPENID}`)
  const form = await viewOf(slack, ada)
  expect(form.submit?.text).toBe('Submit')
  await ada.press({ actionId: 'reason_select', value: 'outage' })
  await ada.press({ actionId: 'stock_select', value: 'withdraw-50' })
  await slack.waitFor(() => ada.view()?.submit?.text === 'Ask for approval')
  expect(JSON.stringify(ada.view()?.blocks)).toContain(
    '⏳ *Needs 1 approval* in <#C0APPROVE>: people decide every coupon.',
  )
  await ada.press({ actionId: 'stock_select', value: 'withdraw-10' })
  await slack.waitFor(() => ada.view()?.submit?.text === 'Give coupon')
  expect(ada.view()?.state.values.openid?.openid_input?.value).toBe(OPENID)
})

test.concurrent('holds no optional ticket against a form that is being filled in, since its correction is not told', async ({
  onTestFinished: finished,
}) => {
  const grants = grantsThat({
    preview: (_person, ask) =>
      Promise.resolve(ask.ticket === null ? { kind: 'automatic', rule: 'small', limits: [] } : needsApproval),
  })
  const { slack } = await startEdge({ grants, finished })
  const ada = slack.person('U0AGENT1')
  await ada.command('/withdraw-coupon', `send ${OPENID} outage`)
  await viewOf(slack, ada)
  ada.fill({ ticket_input: 'SUP-none' })
  await ada.press({ actionId: 'stock_select', value: 'withdraw-10' })
  await slack.waitFor(() => ada.view()?.submit?.text === 'Give coupon')
})

test.concurrent('opens one form for a command that arrives twice, and complains about nothing', async ({
  onTestFinished: finished,
}) => {
  const { slack, log } = await startEdge({ finished })
  slack.fault({ name: 'command_twice' })
  const ada = slack.person('U0AGENT1')
  await ada.command('/withdraw-coupon', 'send', { channel: 'C0SUPPORT' })
  await slack.waitFor(
    () => slack.traffic().filter(({ name, answer }) => name === 'views.open' && answer).length === 2,
  )
  expect(ada.views()).toHaveLength(1)
  expect(ada.messages('C0SUPPORT')).toEqual([])
  expect(log.filter(({ level }) => Number(level) >= 50)).toEqual([])
})

test.concurrent('opens a loading view when roles are not known within a second, and fills it in', async ({
  onTestFinished: finished,
}) => {
  const { slack } = await startEdge({ finished })
  slack.fault({ name: 'web_api_hang', method: 'usergroups.users.list', times: 1 })
  const ada = slack.person('U0AGENT1')
  await ada.command('/withdraw-coupon', `send ${OPENID}`)
  const loading = await slack.waitFor(() => ada.view())
  expect(loading.callback_id).toBe('loading')
  const form = await slack.waitFor(() => (ada.view()?.callback_id === 'give' ? ada.view() : null))
  expect(form.id).toBe(loading.id)
  expect(form.state.values.openid?.openid_input?.value).toBe(OPENID)
})
