import type { StoryLocale } from './flags.ts'

/** Something to do once the story is over: why, and what to copy. */
export interface NextStep {
  text: string
  code: string[]
}

/** The first thing to try on the page, with the openid of a user who has no coupon yet. */
export const firstStep = {
  says: {
    en: 'Try this first: type /withdraw-coupon send below, and give a coupon to the user with this openid:',
    'zh-CN': '先试一试：在下方输入 /withdraw-coupon 发放，给这位用户发一张提现免费券，openid：',
  },
  copy: 'oUpF8uW6rTq_B9fJm4KxVzLc2PdA',
}

/** Addresses and commands to go on with. */
export function nextSteps(
  locale: StoryLocale,
  at: {
    slackUrl: string
    wechatpayUrl: string
    /** The numbers that find the story's customer; null: the policy has no way to look users up. */
    numbers: { order: string; complaint: string; phone: string } | null
    /** The ledger's address; null without an app. */
    ledger: string | null
    policy: string
    /** The environment that points an app to these stand-ins. */
    environment: Record<string, string>
    /** The person who types in the examples. */
    name: string
    person: string
    openid: string
  },
): NextStep[] {
  const words = { en, 'zh-CN': zhCN }[locale]
  const post = (url: string, body: object) => [
    `curl -s ${url} \\`,
    `  -H 'Content-Type: application/json' \\`,
    `  -d '${JSON.stringify(body)}'`,
  ]
  const command = {
    person: at.person,
    do: 'command',
    command: '/withdraw-coupon',
    text: `list ${at.openid}`,
  }
  const fault = { name: 'no-answer-after', times: 1 }
  return [
    { text: words.slack, code: [`curl -s ${at.slackUrl}`] },
    { text: words.command(at.name), code: post(`${at.slackUrl}act`, command) },
    { text: words.answer(at.name), code: [`curl -s '${at.slackUrl}state?person=${at.person}'`] },
    ...(at.numbers === null
      ? []
      : [
          {
            text: words.find,
            code: Object.values(at.numbers).map((number) => `/withdraw-coupon ${words.findWord} ${number}`),
          },
        ]),
    { text: words.wechatpay, code: [`curl -s ${at.wechatpayUrl}/sandbox`] },
    { text: words.fault, code: post(`${at.wechatpayUrl}/sandbox/faults`, fault) },
    {
      text: words.environment,
      code: Object.entries(at.environment).map(([name, value]) => `${name}=${value}`),
    },
    ...(at.ledger === null ? [] : [{ text: words.ledger, code: [at.ledger] }]),
    { text: words.policy, code: [at.policy] },
  ]
}

const en = {
  slack: 'What people can do in this Slack, and the faults that it can have:',
  command: (name: string) => `Type a command as ${name}:`,
  answer: (name: string) => `Read what ${name} sees:`,
  find: 'Find the customer by an order, a complaint or a phone number:',
  findWord: 'find',
  wechatpay: 'What this WeChat Pay can be asked, and the faults that it can have:',
  fault: 'Let it issue the next coupon but lose its answer (the app asks again and gets the same coupon):',
  environment:
    'An app that you start yourself connects to them with these lines in .env (then start the sandbox with --no-app, or two apps take turns):',
  ledger: 'The ledger, deleted at the end:',
  policy: 'Who may do what (try your own with --policy FILE):',
}

const zhCN: typeof en = {
  slack: '查看在模拟 Slack 中可以做什么，以及可以模拟的故障：',
  command: (name) => `以 ${name} 的身份输入命令：`,
  answer: (name) => `查看 ${name} 看到的内容：`,
  find: '按订单、投诉或手机号查找用户：',
  findWord: '查找',
  wechatpay: '查看模拟微信支付的各个接口，以及可以模拟的故障：',
  fault: '让它照常发放下一张提现免费券，但丢失应答（应用会再次请求，得到的是同一张券）：',
  environment:
    '自行启动的应用可通过 .env 中的以下配置连接（请加上 --no-app 启动本演示，否则两个应用会轮流处理）：',
  ledger: '账本（结束时删除）：',
  policy: '策略，规定谁可以做什么（可用 --policy FILE 换成您自己的）：',
}
