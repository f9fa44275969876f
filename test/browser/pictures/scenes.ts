import { withWords } from '../sitting.ts'
import { ask, type Stage } from './stage.ts'

/** What the READMEs show. */
export const pictures = {
  en: ['page', 'form', 'card', 'message', 'list'],
  'zh-CN': ['page', 'form', 'card', 'message', 'list', 'phone'],
}

const OPENID = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'
const SHORT = 'oUpF…jWeS6o'
const APPROVALS = 'C0APPROVE'
const WIDE = { width: 1280, height: 760 }
/** Of a phone, and of a channel without anything beside it. */
const PHONE = { width: 390, height: 844 }
const COLUMN = { width: 1000, height: 1500 }
const HOURS = 3_600_000

/** Plays the main job, and takes a picture of each thing that people see in it. */
export async function playScenes(stage: Stage): Promise<void> {
  const { world, sit, whole, cut, language } = stage
  const { slack, wechatpay } = world
  const said = words[language]
  const { people } = said

  // Three weeks before, somebody else gave this user a coupon, of which a part is used.
  await ask(stage, people.other, `${OPENID} withdraw-10 outage SUP-7`)
  await slack.waitFor(() => wechatpay.coupons().length === 1)
  wechatpay.changeCoupon(String(wechatpay.coupons()[0]?.coupon_id), { use_quota: 400 })
  slack.forward(20 * 24 * HOURS)

  const agent = await sit(people.agent, 'C0SUPPORT', { width: 1280, height: 1100 })
  await agent.command('send')
  await agent.fill(said.form)
  await agent.modal.getByText(said.needsApproval).waitFor()
  await agent.modal.getByRole('button', { name: said.ask }).focus()
  await cut('form', agent, agent.modal)
  await agent.press(said.ask)

  const lead = await sit(people.lead, APPROVALS, WIDE)
  const waiting = lead.message(said.waiting, SHORT)
  await waiting.waitFor()
  const entries = withWords(lead.page.locator('.entry'), ['view_submission'])
  await entries.last().locator('summary').click()
  await entries.last().scrollIntoViewIfNeeded()
  await whole('page', lead)
  const column = await sit(people.lead, APPROVALS, COLUMN)
  await cut('card', column, column.message(said.waiting, SHORT))
  await column.leave()
  const phone = await sit(people.lead, APPROVALS, PHONE)
  await phone.message(said.waiting, SHORT).waitFor()
  await whole('phone', phone)
  await phone.leave()
  await lead.press(said.approve, { on: waiting, confirm: said.approve })
  await lead.message(said.issued, SHORT).waitFor()

  await agent.page.keyboard.press('Escape')
  const told = await sit(people.agent, `D0${people.agent.slice(2)}`, COLUMN)
  const dm = told.message(said.toPassOn)
  await dm.waitFor()
  await cut('message', told, dm)
  await told.leave()

  const asking = await sit(people.agent, 'C0SUPPORT', COLUMN)
  await asking.command(`list ${OPENID}`)
  const list = asking.message(said.listed)
  await list.waitFor()
  await cut('list', asking, list)
}

const words = {
  en: {
    people: { agent: 'U0AGENT1', other: 'U0AGENT2', lead: 'U0LEAD1' },
    form: {
      'User’s openid': OPENID,
      Coupon: 'Fee-free withdrawal ¥50',
      Reason: 'Apology',
      Note: 'Could not withdraw during Sunday’s outage, and called three times about it.',
      Ticket: 'SUP-12',
    },
    needsApproval: 'Needs 1 approval',
    ask: 'Ask for approval',
    waiting: 'Waiting for approval',
    approve: 'Approve',
    issued: 'Issued',
    toPassOn: 'To pass on to the user',
    listed: 'Fee-free withdrawal ¥10',
  },
  'zh-CN': {
    people: { agent: 'U0AGENT2', other: 'U0AGENT1', lead: 'U0LEAD2' },
    form: {
      '用户标识（openid）': OPENID,
      提现免费券: '50 元提现免费券',
      发放原因: '致歉',
      备注: '周日服务中断期间无法提现，为此来电三次。',
      工单号: 'SUP-12',
    },
    needsApproval: '需 1 人审批',
    ask: '提交审批',
    waiting: '等待审批',
    approve: '批准',
    issued: '已发放',
    toPassOn: '银行卡',
    listed: '10 元提现免费券',
  },
}
