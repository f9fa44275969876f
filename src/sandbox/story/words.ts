import type { FieldWords } from '../transcript/blocks.ts'

/** The narrator's words in English. Their type, `StoryWords`, is the one that the other language must fill. */
const en = {
  title: 'Withdraw Coupon at work',
  intro: (transport: string) =>
    `This is the app itself, reached by ${transport}. Slack and WeChat Pay are stand-ins on 127.0.0.1: nothing leaves this machine.`,
  rolled: (replicas: number, restarts: number) =>
    `${replicas} apps shared this work on one PostgreSQL. They were stopped and replaced in turn: ${restarts} times while this was played.`,
  language: 'English',
  fields: { optional: '(optional)', forExample: 'e.g.' } satisfies FieldWords,

  /** Typed after the command. */
  subcommands: { send: 'send', list: 'list', typo: 'lsit' },
  note: 'Sorry for the wait',

  scene: {
    give: (name: string) => `${name} gives a coupon`,
    list: (name: string) => `${name} looks up what the user holds`,
    typo: (name: string) => `${name} mistypes a command`,
    waiting: (name: string) => `${name} asks for a coupon that needs approval`,
    approve: (name: string) => `${name} approves it`,
    reject: (name: string) => `${name} rejects another one`,
  },
  types: (name: string, channel: string) => `${name} types in #${channel}:`,
  formOpens: 'A form opens:',
  formOpensFilled: 'The form opens, filled in by what was typed:',
  fillsIn: (name: string) => `${name} fills it in:`,
  formNowSays: 'and the form now says:',
  presses: (name: string, button: string, ms: string) =>
    `${name} presses [${button}]. ${ms} ms later the request is in the ledger, and the form says:`,
  pressesInVain: (name: string, button: string) => `${name} presses [${button}], but the form says:`,
  calls: 'Meanwhile the app asks WeChat Pay for the coupon:',
  looksUp: 'The app asks WeChat Pay, once for each stock:',
  signed: (by: string) => `signed by merchant ${by}; signature verified by WeChat Pay`,
  notVerified: 'its signature is WRONG',
  answered: (status: string, key: string) => `${status}, signed with ${key}; verified by the app`,
  silent: 'no answer',
  /** A moment by this person's clock. */
  thatIs: (moment: string, zone: string) => `that is ${moment} in ${zone}`,
  dmAndForm: (name: string) => `${name} gets a direct message, and the form, still open, says the same:`,
  dm: (name: string) => `${name} gets a direct message:`,
  dmRepeats: (name: string, buttons: string) =>
    `${name} gets the same as a direct message, with ${buttons} below it. It changes when somebody decides.`,
  seesCard: (name: string, channel: string) =>
    `${name}, who may decide, sees in #${channel}, in the policy’s language:`,
  inChannel: (channel: string) => `#${channel}`,
  isAsked: (name: string, button: string) => `${name} presses [${button}] and is asked:`,
  confirms: (name: string, ms: string) =>
    `${name} says yes. ${ms} ms later the decision is in the ledger, and the app asks WeChat Pay:`,
  cardNowSays: 'The card now says:',
  dmChanged: (name: string) => `and the direct message to ${name}:`,
  pressesOnCard: (name: string, button: string) => `${name} presses [${button}] on the new card:`,
  formSays: (name: string) => `${name} submits it, and the form says:`,
  why: 'Already made up for by phone',
  nobodyDecides: 'Nobody in this workspace can decide it, so it is left out here.',
  formStill: 'and the form, still open, says:',
  sees: (name: string) => `${name} sees:`,
  form: (title: string) => `Form: ${title}`,
  dmFrom: (app: string) => `Direct message from ${app}`,
  onlyFor: (channel: string) => `#${channel} · only visible to you`,

  nothingAutomatic: 'This policy has no automatic approval, so no coupon is issued here.',
  goesOn: 'Everything keeps running until you press Ctrl-C',
  yourTurn: 'Your turn',
  approver: 'In a second window, as somebody who may approve:',
  page: (name: string) => `This Slack in your browser, as ${name}. The page shows a first step to try:`,
  stopped: (why: string) => `The story got stuck: ${why}.`,
  stuck: {
    slack: (error: string) => `Slack shows "${error}" instead of an answer of the app`,
    form: 'the form did not open',
    refused: 'the form was not accepted: see what it says above',
    notIssued: (seconds: number) => `no coupon within ${seconds} s`,
    noAnswer: (seconds: number) => `no answer within ${seconds} s`,
  },
}

export type StoryWords = typeof en

const zhCN: StoryWords = {
  title: '银行提现免费券：应用演示',
  intro: (transport) =>
    `这里运行的就是应用本身（通过 ${transport} 与 Slack 连接）；Slack 和微信支付由本机 127.0.0.1 上的模拟服务代替，不会访问外部网络。`,
  rolled: (replicas, restarts) =>
    `以上由 ${replicas} 个应用实例通过同一个 PostgreSQL 共同完成；演示期间，其中 ${restarts} 个先后被停止并由新实例接替。`,
  language: '简体中文',
  fields: { optional: '（可选）', forExample: '例如' },

  subcommands: { send: '发放', list: '查询', typo: '查寻' },
  note: '抱歉让您久等',

  scene: {
    give: (name) => `${name}发放一张提现免费券`,
    list: (name) => `${name}查询用户持有的提现免费券`,
    typo: (name) => `${name}输错了命令`,
    waiting: (name) => `${name}申请一张需要审批的提现免费券`,
    approve: (name) => `${name}批准申请`,
    reject: (name) => `${name}驳回另一笔申请`,
  },
  types: (name, channel) => `${name}在 #${channel} 中输入：`,
  formOpens: '表单打开：',
  formOpensFilled: '表单打开，并已按输入的内容填好：',
  fillsIn: (name) => `${name}填写表单：`,
  formNowSays: '此时表单显示：',
  presses: (name, button, ms) => `${name}点击 [${button}]。${ms} 毫秒后，申请已写入账本，表单显示：`,
  pressesInVain: (name, button) => `${name}点击 [${button}]，但表单显示：`,
  calls: '与此同时，应用请求微信支付发放：',
  looksUp: '应用按批次逐一查询微信支付：',
  signed: (by) => `由商户 ${by} 签名；微信支付验签通过`,
  notVerified: '签名有误',
  answered: (status, key) => `${status}，使用 ${key} 签名；应用验签通过`,
  silent: '没有应答',
  thatIs: (moment, zone) => `即 ${zone} 时间 ${moment}`,
  dmAndForm: (name) => `${name}收到一条私信，尚未关闭的表单也显示同样的内容：`,
  dm: (name) => `${name}收到一条私信：`,
  dmRepeats: (name, buttons) =>
    `${name}还会收到一条内容相同的私信，下方有 ${buttons}。有人审批后，这条私信会随之更新。`,
  seesCard: (name, channel) => `有审批权限的${name}在 #${channel} 中看到：`,
  inChannel: (channel) => `#${channel}`,
  isAsked: (name, button) => `${name}点击 [${button}]，需要再次确认：`,
  confirms: (name, ms) => `${name}确认。${ms} 毫秒后，审批结果已写入账本，应用随即请求微信支付：`,
  cardNowSays: '卡片变为：',
  dmChanged: (name) => `${name}的私信也随之更新：`,
  pressesOnCard: (name, button) => `${name}在新的卡片上点击 [${button}]：`,
  formSays: (name) => `${name}提交后，表单显示：`,
  why: '已通过电话另行补偿',
  nobodyDecides: '此工作区中没有人可以审批，这里略过。',
  formStill: '尚未关闭的表单显示：',
  sees: (name) => `${name}看到：`,
  form: (title) => `表单：${title}`,
  dmFrom: (app) => `${app} 发来的私信`,
  onlyFor: (channel) => `#${channel} · 仅您可见`,

  nothingAutomatic: '此策略没有自动批准的申请，因此这里不会发放提现免费券。',
  goesOn: '以上服务会一直运行，按 Ctrl-C 结束',
  yourTurn: '轮到您了',
  approver: '在另一个窗口中以审批人的身份打开：',
  page: (name) => `在浏览器中以${name}的身份打开这个 Slack，页面上会提示第一步：`,
  stopped: (why) => `演示未能继续：${why}。`,
  stuck: {
    slack: (error) => `Slack 显示“${error}”，应用没有给出回应`,
    form: '表单没有打开',
    refused: '表单未被接受，原因见上',
    notIssued: (seconds) => `${seconds} 秒内未发放提现免费券`,
    noAnswer: (seconds) => `${seconds} 秒内没有回应`,
  },
}

export const storyWords = { en, 'zh-CN': zhCN }
