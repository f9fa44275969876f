import { readings } from '../readings.ts'
import { type Sitting, withWords } from '../sitting.ts'
import { ask, type Stage } from './stage.ts'

/** What no README shows, for whoever looks at the surfaces: each state, list and role. */

const USER = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'
/** Another user, whose openid ends so. */
const another = (end: string) => `${USER.slice(0, -end.length)}${end}`
const COMPLAINT = '200201820261103000000000077'
const APPROVALS = 'C0APPROVE'
const COLUMN = { width: 1000, height: 2600 }
const PHONE = { width: 390, height: 844 }
const HOUR = 3_600_000

/** Two approvals for ¥50, and room for as many coupons as the lists need. */
export const policyOfMore = (policy: string) =>
  policy
    .replace('above_quota: 10000', 'above_quota: 4000')
    .replace('per_user: { count: 3, days: 30 }', 'per_user: { count: 20, days: 30 }')
    .replace('quota: 20000, days: 7', 'quota: 100000, days: 7')

export async function playMoreScenes(stage: Stage): Promise<void> {
  const { world, sit, whole, cut, language } = stage
  const { slack, wechatpay } = world
  const reading = readings.find(({ locale }) => locale.startsWith(language)) ?? readings[0]
  const { words, page, agent, lead } = reading
  const { title } = words.approval
  const [other, otherLead] = readings.flatMap((one) =>
    one === reading ? [] : [one.agent.id, one.lead.id],
  ) as [string, string]
  const note =
    language === 'en'
      ? 'Could not withdraw during Sunday’s outage, and called three times about it.'
      : '周日服务中断期间无法提现，为此来电三次。'

  // Three weeks before: what is used by now, used up, and never decided.
  for (const [reason, ticket] of [
    ['outage', 'SUP-7'],
    ['apology', 'SUP-9'],
    ['outage', 'SUP-8'],
  ])
    await ask(stage, other, `${USER} withdraw-10 ${reason} ${ticket}`)
  await ask(stage, other, `${USER} withdraw-50 apology SUP-10`)
  await slack.waitFor(() => wechatpay.coupons().length === 3)
  for (const [index, use_quota] of [400, 1000].entries())
    wechatpay.changeCoupon(String(wechatpay.coupons()[index]?.coupon_id), { use_quota })
  slack.forward(25 * HOUR)
  await sees(title.expired)
  slack.forward(20 * 24 * HOUR)

  // Of today: what the policy approved, on a ticket of several users.
  await ask(stage, agent.id, `${USER} withdraw-10 outage SUP-12`)
  await ask(stage, agent.id, `${another('A1a')} withdraw-10 outage SUP-12`)
  await ask(stage, agent.id, `${another('A2a')} withdraw-10 apology SUP-11`)
  await slack.waitFor(() => wechatpay.coupons().length === 6)
  await ask(stage, agent.id, `${another('C3c')} withdraw-10 other SUP-15 ${note}`)
  await decide(lead.id, 'C3c', 'approve')
  await sees('C3c', title.issued)
  wechatpay.fault({ name: 'refuse', code: 'RULE_LIMIT', match: { method: 'POST', openid: another('D4d') } })
  await ask(stage, agent.id, `${another('D4d')} withdraw-10 outage SUP-16`)
  await decide(lead.id, 'D4d', 'approve')
  await sees('D4d', title.refused)
  await ask(stage, agent.id, `${another('E5e')} withdraw-10 apology SUP-17`)
  await decide(lead.id, 'E5e', 'reject')
  const deciding = slack.person(lead.id)
  await slack.waitFor(() => deciding.view()?.callback_id === 'reject')
  deciding.fill({ canned_radio: 'no-evidence' })
  await deciding.submit()
  await deciding.close()
  await sees('E5e', title.rejected)

  // What still goes on.
  await ask(stage, agent.id, `${USER} withdraw-10 other SUP-12 ${note}`)
  await ask(stage, other, `${another('R2k')} withdraw-50 apology SUP-13 ${note}`)
  await decide(otherLead, 'R2k', 'approve')
  wechatpay.fault({
    name: 'no-answer-before',
    times: 'always',
    match: { method: 'POST', openid: another('T5b') },
  })
  await ask(stage, agent.id, `${another('T5b')} withdraw-10 outage SUP-18`)
  await decide(lead.id, 'T5b', 'approve')
  await sees('T5b', title.checking)
  wechatpay.fault({ name: 'refuse', code: 'SIGN_ERROR', match: { method: 'POST', openid: another('H6h') } })
  await ask(stage, agent.id, `${another('H6h')} withdraw-10 outage SUP-19`)
  await decide(lead.id, 'H6h', 'approve')
  await sees('H6h', title.held)

  // An operator sees no answers that were only for the lead.
  const onlooker = await sit('U0OPS001', APPROVALS, COLUMN)
  const cards = onlooker.page.locator('main article.message')
  await onlooker.message(title.held, 'H6h').waitFor()
  await cut('decided', onlooker, withWords(cards, ['C3c']).first(), withWords(cards, ['E5e']).last())
  await cut('cards', onlooker, withWords(cards, ['SUP-12']).first(), withWords(cards, ['H6h']).last())
  await cut('expired', onlooker, cards.first())
  await onlooker.leave()
  const column = await sit(lead.id, 'C0SUPPORT', COLUMN)
  await column.command(words.subcommands.pending)
  const list = column.message(words.found.pendingTitle(2, false))
  await list.waitFor()
  await cut('pending', column, list)
  await column.leave()
  const phone = await sit(lead.id, 'C0SUPPORT', { ...PHONE, height: 1500 })
  await cut('pending-phone', phone, phone.message(words.found.pendingTitle(2, false)))
  await phone.leave()

  const dm = await sit(agent.id, `D0${agent.id.slice(2)}`, { ...PHONE, height: 1700 })
  await dm.message('T5b').waitFor()
  await whole('dm-phone', dm)
  await dm.leave()

  await slack.person(otherLead).say(`用户${another('Z9z')}没收到，SUP-77`, 'C0SUPPORT')
  const desk = await sit(agent.id, 'C0SUPPORT', { width: 1000, height: 500 })
  await desk.message('SUP-77').getByRole('button', { name: page.messageShortcuts }).click()
  const forThis = desk.page.getByRole('menuitem')
  await forThis.waitFor()
  await whole('message-menu', desk)
  await desk.page.setViewportSize(COLUMN)
  await forThis.click()
  await desk.modal.getByText(words.fromMessage.openid).first().waitFor()
  await cut('form-from-message', desk, desk.modal)
  await desk.press(words.cancel)
  await finds(desk)
  for (const order of ['list', 'history', 'left'] as const) {
    await desk.command(`${words.subcommands[order]} ${order === 'left' ? '' : USER}`)
    const answer = desk.page.locator('main article.message', { has: desk.page.locator('table') }).last()
    await desk.page.locator('main article.message').nth({ list: 1, history: 2, left: 3 }[order]).waitFor()
    await answer.locator('table').waitFor()
    await cut(`table-${order}`, desk, answer)
  }
  await desk.leave()

  for (const [role, id] of [
    ['agent', agent.id],
    ['approver', lead.id],
    ['operator', 'U0OPS001'],
    ['auditor', 'U0AUDIT1'],
  ] as const) {
    const home = await sit(id, `D0${id.slice(2)}`, { width: 1000, height: 1500 })
    await home.press(page.home, { on: home.page.locator('main header') })
    await home.page.locator('main .home').getByRole('button', { name: words.home.refresh }).waitFor()
    const blocks = home.page.locator('main .home > *')
    await cut(`home-${role}`, home, home.page.locator('main > header'), blocks.last())
    if (role === 'approver') {
      await home.page.setViewportSize(PHONE)
      await whole('home-phone', home)
    }
    await home.leave()
  }

  async function finds(sitting: Sitting): Promise<void> {
    const { find } = words
    wechatpay.order({ openid: another('Z9z'), total: 3500, complaint: { complaint_id: COMPLAINT } })
    await sitting.command(`${words.subcommands.send} withdraw-10 outage`)
    await sitting.fill({ [words.form.openid]: COMPLAINT })
    await sitting.press(find.button)
    await sitting.modal.getByRole('radio', { name: find.kinds.complaint }).waitFor()
    await cut('find', sitting, sitting.modal)
    await sitting.press(find.submit)
    await sitting.modal.getByText(find.use).waitFor()
    await cut('found', sitting, sitting.modal)
    await sitting.press(find.use)
    await sitting.modal.getByText(find.by.complaint('2002…0077')).waitFor()
    await cut('form-found', sitting, sitting.modal)
    await sitting.press(words.cancel)
  }

  /** Presses on the card of the user whose openid ends so, once it is there. */
  async function decide(id: string, end: string, actionId: 'approve' | 'reject'): Promise<void> {
    const { ts } = await sees(end)
    await slack.person(id).press({ actionId, channel: APPROVALS, messageTs: ts })
  }

  /** The card that shows all of these. */
  function sees(...shown: string[]) {
    return slack.waitFor(
      () =>
        slack
          .channelMessages(APPROVALS)
          .findLast((one) => shown.every((word) => JSON.stringify(one.blocks).includes(word))),
      { what: `a card with ${shown.join(', ')}` },
    )
  }
}
