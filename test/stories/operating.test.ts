import { expect, test } from 'vitest'
import type { Message, Person, Workspace } from '../../src/sandbox/slack/index.ts'
import { answer, ask, card, OPENID, press } from './approvers.ts'
import { createWorld, examplePolicy, startWorld, textOf, told, type World } from './world.ts'

const OLAF = 'U0OPS001'
const ALERTS = 'C0ALERTS1'
/** WeChat Pay answers in no time here, so that what stays silent need not be waited for as long as in life. */
const QUICK = { WECHATPAY_TIMEOUT: '1' }
const run = (world: World, id: string, text: string) =>
  world.slack.person(id).command('/withdraw-coupon', text, { channel: 'C0SUPPORT' })

/** The latest message in the alerts channel that shows all of these words. */
function alert({ slack }: World, ...words: string[]): Promise<Message> {
  const find = () =>
    slack.channelMessages(ALERTS).findLast((message) => words.every((word) => textOf(message).includes(word)))
  return slack.waitFor(find, {
    what: `an alert with ${words.join(', ')}; there is ${textOf(slack.channelMessages(ALERTS).at(-1))}`,
    timeout: 60_000,
  })
}

/** What only this person sees in the alerts channel, once it shows all of these words. */
function answered({ slack }: World, id: string, ...words: string[]): Promise<Message> {
  const own = () =>
    slack
      .person(id)
      .messages(ALERTS)
      .filter(({ onlyFor }) => onlyFor === id)
  return slack.waitFor(() => own().findLast((one) => words.every((word) => textOf(one).includes(word))), {
    what: `an answer to ${id} with ${words.join(', ')}; there is ${textOf(own().at(-1))}`,
  })
}

/** Presses a button in a message, whoever sees it. */
async function click(world: World, id: string, actionId: string, message: Message, value?: string) {
  const { channel, ts } = message
  const target = { actionId, channel, messageTs: ts, ...(value === undefined ? {} : { value }) }
  const pressed = await world.slack.person(id).press(target)
  expect(pressed).toMatchObject({ ok: true })
  return pressed
}

/** What the Resume button of this coupon's pause carries. */
function resumeValue(message: Message, key: string): string {
  const buttons = (message.blocks ?? []).flatMap(
    ({ elements }) => (elements ?? []) as { action_id?: string; value?: string }[],
  )
  const found = buttons.find(
    (button) => button.action_id === 'resume_issuing' && JSON.stringify(button).includes(`of ${key}`),
  )
  if (!found?.value) throw new Error(`there is no Resume of ${key}`)
  return found.value
}

async function opened({ slack }: World, id: string, callbackId: string): Promise<Person> {
  const person = slack.person(id)
  await slack.waitFor(() => person.view()?.callback_id === callbackId, {
    what: `${callbackId} for ${id}; there is ${textOf(person.view())}`,
    timeout: 60_000,
  })
  return person
}

/** WeChat Pay gave the coupon or not, did not answer, and refuses since: nobody but people can tell. */
async function startFlagged(options: {
  finished: (end: () => void | Promise<void>) => void
  policy?: string
  given: boolean
  by?: { asks: string; approves: string }
  /** Who is in the alerts channel besides. */
  alerted?: string[]
}): Promise<World> {
  const { finished, policy = examplePolicy, given, alerted = [] } = options
  const { asks, approves } = options.by ?? { asks: 'U0AGENT1', approves: 'U0LEAD1' }
  const change = ({ channels }: Workspace) =>
    channels.find((channel) => channel.id === ALERTS)?.members.push(...alerted)
  const world = await createWorld({ finished, policy, change })
  Object.assign(world.env, QUICK)
  await world.start()
  const { wechatpay } = world
  if (given) wechatpay.fault({ name: 'limits-before-idempotency', match: { method: 'POST' } })
  wechatpay.fault({ name: given ? 'no-answer-after' : 'no-answer-before', match: { method: 'POST' } })
  if (!given)
    wechatpay.fault({ name: 'refuse', code: 'RULE_LIMIT', times: 'always', match: { method: 'POST' } })
  await ask(world, { by: asks })
  await press(world, approves, 'approve', await card(world, '等待审批'))
  return world
}

/** Says how the grant of an alert ended, by Olaf. */
async function settle(world: World, values: Record<string, string>): Promise<Person> {
  await click(world, OLAF, 'settle', await alert(world, '有一张提现免费券需要核查'))
  const olaf = await opened(world, OLAF, 'settle')
  olaf.fill(values)
  expect(await olaf.submit()).toEqual({ kind: 'updated' })
  expect(textOf(olaf.view())).toContain('Nothing has ended yet')
  return olaf
}

test.concurrent('a pause stops issuing, cards and the alerts channel say so, and resuming issues one coupon', async ({
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  await run(world, OLAF, 'pause users report <!channel> doubles')
  const paused = await answer(
    world,
    OLAF,
    'Issuing of all coupons is paused',
    '<@U0OPS001>',
    'None was waiting',
  )
  expect(textOf(paused)).toContain('/withdraw-coupon resume')
  const ada = await ask(world)
  await press(world, 'U0LEAD1', 'approve', await card(world, '等待审批'))
  await answer(world, 'U0LEAD1', 'Issuing waits at the moment')
  const waiting = await told(world, ada, 'Approved, waiting', 'Issuing is paused.', 'an operator resumes')
  expect(textOf(waiting)).not.toContain('as soon as this is fixed')
  await card(world, '已批准，等待发放', '发放已暂停', '运维人员恢复后')
  const told2 = await alert(world, '已暂停发放', '<@U0OPS001>', '恢复发放')
  expect(textOf(told2)).toContain('“users report <!channel> doubles”')
  expect(textOf(told2)).not.toContain('"mrkdwn","text":"“users')
  await run(world, 'U0AGENT1', 'mine')
  await answer(world, 'U0AGENT1', 'What you asked for', 'issuing is paused')
  expect(world.wechatpay.coupons()).toEqual([])

  const pressed = await click(world, OLAF, 'resume_issuing', told2)
  expect(pressed.confirm?.text).toContain('发放后无法撤回')
  await answered(world, OLAF, 'Issuing has resumed')
  await told(world, ada, 'Issued · ¥')
  await card(world, '已发放')
  const ended = await alert(world, '已恢复发放', '恢复发放。因此')
  expect(ended.ts).toBe(told2.ts)
  expect(textOf(ended)).not.toContain('resume_issuing')
  expect(world.wechatpay.coupons()).toHaveLength(1)
  await press(world, 'U0LEAD1', 'more:history', await card(world, '已发放'))
  const lea = await opened(world, 'U0LEAD1', 'trail')
  expect(textOf(lea.view())).toContain('issuing resumed by <@U0OPS001>')
})

test.concurrent('pauses one coupon by its key or name, and asks back where a word is only nearly one', async ({
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  await run(world, OLAF, 'pause "50 元提现免费券" 疑似重复')
  const one = await answer(world, OLAF, 'Issuing of the coupon `withdraw-50` is paused', '“疑似重复”')
  expect(textOf(one)).toContain('/withdraw-coupon resume withdraw-50')
  await run(world, OLAF, 'pause withdraw-50')
  await answer(world, OLAF, 'was already paused', '<@U0OPS001>')

  await run(world, OLAF, 'pause wihtdraw-10 odd')
  const back = await answer(world, OLAF, '*Nothing was paused.* There is no coupon `wihtdraw-10`')
  expect(textOf(back)).toContain(
    '*Only `withdraw-10`*, with the reason: `/withdraw-coupon pause withdraw-10 odd`',
  )
  expect(textOf(back)).toContain('`/withdraw-coupon pause all wihtdraw-10 odd`')
  await run(world, OLAF, 'pause withdraw-5')
  const bare = await answer(world, OLAF, '*Nothing was paused.* There is no coupon `withdraw-5`')
  expect(textOf(bare)).toContain('*Only `withdraw-50`*: `/withdraw-coupon pause withdraw-50`')
  await run(world, OLAF, 'pause all wihtdraw-10 odd')
  await answer(world, OLAF, 'Issuing of all coupons is paused', '“wihtdraw-10 odd”')

  await run(world, OLAF, 'resume wihtdraw-50')
  const asked = await answer(
    world,
    OLAF,
    'There is no coupon “wihtdraw-50”, and no pause of one. Nothing was changed.',
    'Did you mean `withdraw-50`?',
  )
  await click(world, OLAF, 'resume_issuing', asked, resumeValue(asked, 'withdraw-50'))
  const left = await answer(world, OLAF, 'Issuing of the coupon `withdraw-50` has resumed', 'What is stuck')
  expect(left.ts).toBe(asked.ts)
  await run(world, OLAF, 'pause withdraw-50')
  await run(world, OLAF, 'resume')
  await answer(world, OLAF, '*Issuing has resumed.*', 'Paused at the moment:', '`withdraw-50`')
  await run(world, OLAF, 'resume')
  const named = await answer(world, OLAF, 'Issuing as a whole is not paused', '`withdraw-50`')
  await click(world, OLAF, 'resume_issuing', named, resumeValue(named, 'withdraw-50'))
  await answer(world, OLAF, 'Nothing is stuck')
})

test.concurrent('a pause keeps from being asked again what was not answered, and the cards promise nothing else', async ({
  onTestFinished: finished,
}) => {
  const world = await createWorld({ finished })
  Object.assign(world.env, QUICK)
  await world.start()
  world.wechatpay.fault({ name: 'no-answer-before', match: { method: 'POST' } })
  const ada = await ask(world)
  await press(world, 'U0LEAD1', 'approve', await card(world, '等待审批'))
  await world.slack.waitFor(() => world.recorded()[0]?.state === 'issuing')
  await run(world, OLAF, 'pause')
  const shown = await told(world, ada, 'Being checked', 'It goes on once an operator resumes')
  expect(textOf(shown)).not.toContain('keeps trying')
  await run(world, OLAF, 'stuck')
  const stuck = await answer(
    world,
    OLAF,
    'What is stuck',
    'WeChat Pay does not answer',
    'once issuing resumes',
  )
  expect(textOf(stuck)).not.toContain('"settle"')
  expect(world.wechatpay.coupons()).toEqual([])
  await click(world, OLAF, 'resume_issuing', stuck)
  await told(world, ada, 'Issued · ¥')
  expect(world.wechatpay.coupons()).toHaveLength(1)
  expect(world.recorded()[0]).toMatchObject({ state: 'issued', flag: null })
})

test.concurrent('tells whoever does not operate who does, and changes nothing', async ({
  onTestFinished: finished,
}) => {
  const world = await startWorld({ finished })
  for (const text of ['pause', 'resume', 'stuck', 'pause withdraw-10 now']) {
    await run(world, 'U0LEAD1', text)
    await answer(world, 'U0LEAD1', 'Only operators may do this.', 'ops@example.com')
  }
  await run(world, 'U0LEAD1', 'puase')
  await answer(world, 'U0LEAD1', '“puase”? Did you mean “pause”?')
  await run(world, 'U0AGENT2', '恢覆')
  await answer(world, 'U0AGENT2', '您要找的是“恢复”吗')
  await run(world, OLAF, 'help')
  await answer(world, OLAF, '/withdraw-coupon stuck', '/withdraw-coupon pause withdraw-10 given twice?')
  await run(world, OLAF, '暂停')
  const paused = await alert(world, '已暂停发放')
  await click(world, 'U0LEAD1', 'resume_issuing', paused)
  await answered(world, 'U0LEAD1', 'Only operators may do this.')
  await run(world, OLAF, 'stuck')
  await answer(world, OLAF, 'is paused', 'resume_issuing')
})

test.concurrent('settles what no answer told: an operator finds the coupon, a second person confirms it, and it is the only one', async ({
  onTestFinished: finished,
}) => {
  const world = await startFlagged({ finished, given: true })
  const { slack, wechatpay } = world
  await alert(world, '有一张提现免费券需要核查', 'RULE_LIMIT')
  const [coupon] = wechatpay.coupons()
  const id = coupon?.coupon_id ?? expect.fail('no coupon')
  await run(world, OLAF, 'stuck')
  const stuck = await answer(world, OLAF, 'Needs a look', 'an earlier attempt may have given the coupon')

  await click(world, OLAF, 'settle', stuck)
  const olaf = await opened(world, OLAF, 'settle')
  expect(textOf(olaf.view())).toContain(id)
  expect(textOf(olaf.view())).toContain('“Not issued” is wrong')
  expect(textOf(olaf.view())).toContain('outcome not known')
  expect(await olaf.submit()).toMatchObject({ kind: 'errors', local: true })
  olaf.fill({ verdict_radio: 'another', evidence_input: '  ' })
  expect(await olaf.submit()).toMatchObject({
    errors: { coupon_id: expect.stringContaining('Enter the coupon’s id') },
  })
  olaf.fill({ coupon_id_input: 'not an id' })
  expect(await olaf.submit()).toMatchObject({
    errors: { coupon_id: expect.stringContaining('only letters') },
  })
  olaf.fill({ verdict_radio: 'candidate:0' })
  expect(await olaf.submit()).toMatchObject({ errors: { evidence: expect.stringContaining('how you know') } })
  olaf.fill({ evidence_input: 'Merchant platform shows it, sent in <@U0AGENT1>’s minute' })
  expect(await olaf.submit()).toEqual({ kind: 'updated' })
  expect(textOf(olaf.view())).toContain('Nothing has ended yet')
  expect(world.recorded()[0]?.state).toBe('issuing')

  const asked = await alert(world, '需要另一人确认', id, 'Merchant platform shows it')
  await click(world, OLAF, 'settle', asked)
  await opened(world, OLAF, 'confirm')
  expect(await olaf.submit()).toEqual({ kind: 'updated' })
  expect(textOf(olaf.view())).toContain('a second person must confirm it')
  expect(world.recorded()[0]?.state).toBe('issuing')

  await click(world, 'U0LEAD1', 'settle', asked)
  const lea = await opened(world, 'U0LEAD1', 'confirm')
  expect(textOf(lea.view())).toContain('Merchant platform shows it')
  slack.fault({ name: 'submit_twice' })
  expect(await lea.submit()).toEqual({ kind: 'updated' })
  const issued = await told(world, slack.person('U0AGENT1'), 'Issued · ¥', 'confirmed by <@U0LEAD1>')
  expect(textOf(issued)).toContain('WeChat Pay gave no expiry date')
  const shown = await card(world, '已发放', '由 <@U0OPS001> 在微信支付查看后提出，经 <@U0LEAD1>')
  expect(world.recorded()).toMatchObject([{ state: 'issued', coupon_id: id, flag: null }])
  expect(wechatpay.coupons()).toHaveLength(1)

  await press(world, 'U0LEAD1', 'more:history', shown)
  await opened(world, 'U0LEAD1', 'trail')
  const trail = textOf(lea.view())
  expect(trail).toContain('<@U0OPS001> proposed: Issued, as coupon')
  expect(trail.match(/issued, as <@U0OPS001> proposed and <@U0LEAD1> confirmed/g)).toHaveLength(1)
  await click(world, OLAF, 'settle', asked)
  await answered(world, OLAF, 'this has already ended', 'Issued')
})

test.concurrent('ends without a coupon what two people say was not issued, and frees its place in the limits', async ({
  onTestFinished: finished,
}) => {
  const policy = examplePolicy.replace('per_user: { count: 3', 'per_user: { count: 1')
  const world = await startFlagged({ finished, policy, given: false, alerted: ['U0LEAD2'] })
  const { slack, wechatpay } = world
  const ada = slack.person('U0AGENT1')
  await settle(world, { verdict_radio: 'not-issued', evidence_input: 'No such number at WeChat Pay' })
  await run(world, 'U0AGENT1', `send ${OPENID} withdraw-50 apology SUP-12`)
  await slack.waitFor(() => textOf(ada.view()).includes('⛔'))
  await ada.close()

  await click(world, 'U0LEAD2', 'settle', await alert(world, '需要另一人确认'))
  const wanglei = await opened(world, 'U0LEAD2', 'confirm')
  expect(textOf(wanglei.view())).toContain('该用户可能得到第二张')
  expect(await wanglei.submit()).toEqual({ kind: 'updated' })
  const ended = await told(world, ada, 'Not issued · ¥', 'No such number at WeChat Pay')
  expect(textOf(ended)).not.toContain('WeChat Pay refused')
  expect(textOf(ended)).toContain('confirmed by <@U0LEAD2>')
  const shown = textOf(await card(world, '未发放', 'No such number', '<@U0LEAD2>'))
  expect(shown).not.toContain('微信支付已拒绝')
  expect(world.recorded()).toMatchObject([{ state: 'refused', coupon_id: null }])

  wechatpay.clearFaults()
  await ask(world)
  await press(world, 'U0LEAD1', 'approve', await card(world, '等待审批'))
  await told(world, ada, 'Issued · ¥')
  expect(wechatpay.coupons()).toHaveLength(1)
})

test.concurrent('lets nobody say or confirm how the own request ended, takes back what was said, and tells each late click so', async ({
  onTestFinished: finished,
}) => {
  const by = { asks: 'U0LEAD1', approves: 'U0LEAD2' }
  const world = await startFlagged({ finished, given: true, by, alerted: ['U0LEAD2'] })
  const { slack } = world
  await click(world, 'U0LEAD1', 'settle', await alert(world, '有一张提现免费券需要核查'))
  await answered(world, 'U0LEAD1', 'You asked for this coupon yourself, so two other people must propose')
  await settle(world, { verdict_radio: 'not-issued', evidence_input: 'not in the list' })
  const asked = await alert(world, '需要另一人确认')
  await click(world, 'U0LEAD1', 'settle', asked)
  const lea = await opened(world, 'U0LEAD1', 'confirm')
  await lea.submit()
  expect(textOf(lea.view())).toContain('You asked for this coupon yourself, so two other people must propose')
  await click(world, 'U0LEAD2', 'settle', asked)
  const wanglei = await opened(world, 'U0LEAD2', 'confirm')

  await run(world, OLAF, 'stuck')
  const stuck = await answer(world, OLAF, 'What is stuck', 'not in the list', 'Confirm…')
  slack.fault({ name: 'click_twice' })
  await click(world, OLAF, 'withdraw', stuck)
  await answer(world, OLAF, 'What is stuck', '"Settle…"')
  await wanglei.submit()
  expect(textOf(wanglei.view())).toContain('未作任何更改：<@U0OPS001> 已于')
  expect(world.recorded()[0]?.state).toBe('issuing')
})

test.concurrent('tells each late click what became of a proposal that the app has withdrawn, and not that it ended', async ({
  onTestFinished: finished,
}) => {
  const by = { asks: 'U0AGENT1', approves: 'U0LEAD1' }
  const policy = examplePolicy
    .replace('requesters: [S0AGENTS, S0LEADS1]', 'requesters: [U0AGENT1]')
    .replace('operators: [ops@example.com]', 'operators: [S0AGENTS]')
  const alerted = ['U0LEAD1', 'U0LEAD2']
  const world = await startFlagged({ finished, policy, given: true, by, alerted })
  await world.slack.setGroup('S0AGENTS', [OLAF])
  await settle(world, { verdict_radio: 'not-issued', evidence_input: 'not in the list' })
  const asked = await alert(world, '需要另一人确认')
  for (const id of ['U0LEAD1', 'U0LEAD2']) await click(world, id, 'settle', asked)
  const [lea, wanglei] = [
    await opened(world, 'U0LEAD1', 'confirm'),
    await opened(world, 'U0LEAD2', 'confirm'),
  ]
  await world.slack.setGroup('S0AGENTS', [])
  await wanglei.submit()
  expect(textOf(wanglei.view())).toContain('已不再是运维人员，该结论已撤回')
  const withdrawn = 'Nothing was changed: this proposal was withdrawn'
  await lea.submit()
  expect(textOf(lea.view())).toContain(withdrawn)
  await lea.close()
  await click(world, 'U0LEAD1', 'settle', asked)
  await answered(world, 'U0LEAD1', withdrawn)
  expect(world.recorded()[0]?.state).toBe('issuing')
})
