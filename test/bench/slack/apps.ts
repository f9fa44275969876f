import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SlackSandbox } from '../../../src/sandbox/slack/index.ts'
import type { WechatPaySandboxInfo } from '../../../src/sandbox/wechatpay/index.ts'
import type { WechatPayOptions } from '../../../src/wechatpay/index.ts'
import { type Started, start } from '../processes.ts'
import { startDesk } from './desk.ts'

/** Our app and a Bolt app that only acknowledges, each with its own Slack. */
export interface Apps {
  ourSlack: SlackSandbox
  otherSlack: SlackSandbox
  startOurs(): Promise<Started>
  ledgerFile: string
  /** For calls to the stand-in without the app. */
  wechatpay: {
    options: WechatPayOptions
    json: { mchid: string; appid: string; stock_id: string }
  }
  /** @param form the form that it opens */
  startOther(form?: unknown): Promise<Started>
  close(): Promise<void>
}

const root = new URL('../../../', import.meta.url)
/** Beside the code, so that it is on the project's disk: temporary folders may be in memory. */
export const folders = new URL('node_modules/.bench/', root).pathname

/**
 * The example policy for a team of this size: the rule approves every ask, and
 * every limit is counted but none reached.
 */
export const policy = `
roles: { viewers: [S0AGENTS], requesters: [S0AGENTS], approvers: [S0LEADS1], operators: [ops@example.com] }
stocks:
  withdraw-10: { stock_id: '1304490000000059', name: { en: Ten, zh-CN: 十元 }, quota: 1000 }
  withdraw-50: { stock_id: '1304490000000060', name: { en: Fifty, zh-CN: 五十元 }, quota: 5000 }
reasons: { outage: { en: Outage, zh-CN: 服务中断 } }
ticket: { required: false }
approval:
  channel: C0APPROVE
  automatic: [{ name: bench, stocks: [withdraw-10], per_requester: { count: 1000000, days: 1 } }]
limits:
  per_user: { count: 1000, days: 30 }
  per_requester: { quota: 1000000000, days: 7 }
  per_stock: { count: 1000000, days: 1 }
  lookups: { per_person: 1000000, per: 1h }
`

/** The flags that `npm start` gives Node, except for the place of this machine's settings. */
function startFlags(): string[] {
  const { scripts } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'))
  const [program, ...words]: string[] = scripts.start.split(' ')
  const file = words.pop()
  if (program !== 'node' || file !== 'src/main.ts') throw new Error(`unexpected start: ${scripts.start}`)
  return words.filter((word) => !word.startsWith('--env-file'))
}

/** Starts what both apps talk to; call `close` after the apps have ended. */
export async function prepareApps(): Promise<Apps> {
  mkdirSync(folders, { recursive: true })
  const folder = mkdtempSync(folders)
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const ends: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })]
  const close = async () => {
    for (const end of ends.splice(0).reverse()) await end()
  }
  try {
    const wechatpay = await start(new URL('src/sandbox/wechatpay/main.ts', root), {
      args: [
        ...['--keys', join(folder, 'keys')],
        ...['--stocks', write('stocks.json', '[{ "stock_id": "1304490000000060", "quota": 5000 }]')],
      ],
      until: 'baseUrl',
    })
    ends.push(wechatpay.end)
    const ourSlack = await startDesk()
    ends.push(ourSlack.close)
    const otherSlack = await startDesk()
    ends.push(otherSlack.close)

    const ledgerFile = join(folder, 'ledger.sqlite')
    const info: WechatPaySandboxInfo = JSON.parse(wechatpay.line)
    const ourEnv = {
      ...slackEnv(ourSlack),
      ...wechatpayEnv(info),
      DATABASE_URL: `file:${ledgerFile}`,
      POLICY_FILE: write('policy.yaml', policy),
    }
    const flags = startFlags()
    return {
      ourSlack,
      otherSlack,
      ledgerFile,
      wechatpay: bareClient(info),
      startOurs: () =>
        start(new URL('src/main.ts', root), { flags, cwd: root, env: ourEnv, until: '"msg":"ready"' }),
      startOther: (form = null) =>
        start(new URL('bolt-app.ts', import.meta.url), {
          env: { ...slackEnv(otherSlack), FORM_FILE: write('form.json', JSON.stringify(form)) },
          until: 'ready',
        }),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

function slackEnv({ botToken, appToken, apiUrl }: SlackSandbox) {
  return { SLACK_BOT_TOKEN: botToken, SLACK_APP_TOKEN: appToken, SLACK_API_URL: apiUrl }
}

/** What is needed to call the stand-in without the app. */
export function bareClient(info: WechatPaySandboxInfo): Apps['wechatpay'] {
  const { mchid, appid, stockId: stock_id, merchantSerial, publicKeyId: id, baseUrl, keys } = info
  const read = (name: string) => readFileSync(join(keys, name), 'utf8')
  const publicKey = { id, pem: read('pub_key.pem') }
  const privateKey = read('apiclient_key.pem')
  return {
    options: { mchid, merchantSerial, privateKey, publicKey, baseUrls: [baseUrl] },
    json: { mchid, appid, stock_id },
  }
}

function wechatpayEnv(info: WechatPaySandboxInfo) {
  return {
    WECHATPAY_MCHID: info.mchid,
    WECHATPAY_APPID: info.appid,
    WECHATPAY_MERCHANT_SERIAL: info.merchantSerial,
    WECHATPAY_PRIVATE_KEY: readFileSync(join(info.keys, 'apiclient_key.pem'), 'utf8'),
    WECHATPAY_PUBLIC_KEY_ID: info.publicKeyId,
    WECHATPAY_PUBLIC_KEY: readFileSync(join(info.keys, 'pub_key.pem'), 'utf8'),
    WECHATPAY_BASE_URL: info.baseUrl,
    // Above the benchmark's rate, so that nothing queues behind the app's own limit.
    WECHATPAY_RATE: '100',
  }
}
