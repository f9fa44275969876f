import { expect } from 'vitest'
import { checked, fits } from './checked.ts'
import { startDesk, test } from './desk.ts'
import { readings } from './readings.ts'
import { OPENID } from './stories.ts'

const COMPLAINT = '200201820261103000000000077'
const OTHER = 'oUpF8uMuAJO_M2pxb1Q9zNjWeR2k'

test.for(
  readings,
)('leads from a complaint to a coupon in four clicks, and from a message in three ($title)', async (reading, {
  open,
}) => {
  const { words, page, look, policy } = reading
  const world = await startDesk({ policy })
  world.wechatpay.order({ openid: OPENID, total: 3500, complaint: { complaint_id: COMPLAINT } })
  const agent = await open(world, reading.agent.id, { look })
  const { find } = words

  await agent.command(`${words.subcommands.send} withdraw-10 outage`)
  const fromComplaint = await agent.countingClicks(async () => {
    await agent.type({ [words.form.openid]: COMPLAINT })
    await fits(agent)
    await agent.press(find.button)
    await agent.modal.getByRole('radio', { name: find.kinds.complaint }).waitFor()
    expect(await agent.field(find.number).inputValue()).toBe(COMPLAINT)
    await fits(agent)
    await agent.press(find.submit)
    await agent.modal.getByText(find.paid('¥35.00', null).replaceAll('*', '')).waitFor()
    await fits(agent)
    await agent.press(find.use)
    await agent.modal.getByText(find.by.complaint('2002…0077')).waitFor()
    await fits(agent)
    await agent.press(words.form.give)
    await agent.modal.getByText(words.card.passOnLabel).waitFor()
  })
  expect(fromComplaint).toBeLessThanOrEqual(4)
  await fits(agent)
  await agent.press(words.close)
  expect(world.wechatpay.coupons()).toMatchObject([{ openid: OPENID }])

  await world.slack.person('U0LEAD1').say(`用户${OTHER}没收到，SUP-77`, 'C0SUPPORT')
  const message = agent.message('SUP-77')
  await message.waitFor()
  const fromMessage = await agent.countingClicks(async () => {
    await agent.chooseMore('Give a coupon for this', { on: message, menu: page.messageShortcuts })
    const { openid, ticket } = words.fromMessage
    await agent.modal.getByText(words.fromMessage.found(`${openid}${words.separator}${ticket}`)).waitFor()
    await fits(agent)
    await agent.type({ [words.form.stock]: reading.coupon, [words.form.reason]: reading.reasons.outage })
    await agent.press(words.form.give)
    await agent.modal.getByText(words.card.passOnLabel).waitFor()
  })
  expect(fromMessage).toBeLessThanOrEqual(3)
  await checked(agent, 'a coupon for a message')
  expect(world.wechatpay.coupons().map(({ openid }) => openid)).toEqual([OPENID, OTHER])
})
