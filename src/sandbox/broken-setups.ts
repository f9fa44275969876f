import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { CustomerLookup } from './customer-lookup.ts'
import type { SlackSandbox } from './slack/index.ts'
import { makeCertificate } from './wechatpay/certificates.ts'
import type { WechatPaySandbox } from './wechatpay/index.ts'

/** A set-up beside both stand-ins, to be broken. */
export interface Place {
  slack: SlackSandbox
  wechatpay: WechatPaySandbox
  lookup: CustomerLookup
  /** A folder of its own. */
  folder: string
  /** The environment that the app would be configured with, `POLICY_FILE` and `DATABASE_URL` included. */
  env: Variables
  /** Rewrites the example policy. */
  changePolicy(change: (text: string) => string): void
  /** Registers something to close with the stand-ins. */
  onEnd(close: () => unknown): void
}

export interface Broken {
  /** What is wrong, in words for people. */
  is: string
  /** The codes that a check of the set-up must find. */
  finds: readonly string[]
  /** Variables whose values differ from a good set-up. */
  env?(place: Place): Variables | Promise<Variables>
  /** Breaks the stand-ins or the policy. */
  plant?(place: Place): void
}

type Variables = Record<string, string>

const APPROVAL = 'C0APPROVE'
const SCOPES = 'channels:read chat:write commands groups:read im:write usergroups:read users:read'.split(' ')
const TEN_MINUTES = 600_000
const DAY = 24 * 3_600_000
/** `times` of a fault that lasts as long as anybody looks. */
const ALWAYS = 1_000_000

/** One broken set-up for each thing that a check looks at: the mistakes that people make when they install the app. */
export const broken: Readonly<Record<string, Broken>> = {
  clock: {
    is: 'the clock of this machine is ten minutes slow',
    finds: ['clock-wrong', 'request-clock'],
    plant({ slack, wechatpay }) {
      slack.changeInstallation({ clockAhead: TEN_MINUTES })
      wechatpay.moveRealClock(TEN_MINUTES)
    },
  },
  'clock-drifts': {
    is: 'the clock of this machine is 90 seconds fast',
    finds: ['clock-off'],
    plant({ slack, wechatpay }) {
      slack.changeInstallation({ clockAhead: -90_000 })
      wechatpay.moveRealClock(-90_000)
    },
  },
  'variable-missing': {
    is: 'a variable of .env is empty',
    finds: ['settings-wrong'],
    env: () => ({ WECHATPAY_APPID: '' }),
  },
  'token-of-person': {
    is: 'SLACK_BOT_TOKEN is a user token',
    finds: ['settings-wrong'],
    env: () => ({ SLACK_BOT_TOKEN: 'xoxp-of-a-person' }),
  },
  'policy-missing': {
    is: 'there is no policy file',
    finds: ['policy-wrong'],
    env: ({ folder }) => ({ POLICY_FILE: join(folder, 'none.yaml') }),
  },
  policy: {
    is: 'the policy has a mistake',
    finds: ['policy-wrong'],
    plant: ({ changePolicy }) => changePolicy((text) => text.replace('quota: 1000 ', 'quota: ten ')),
  },
  'certificate-as-key': {
    is: 'the certificate is given in place of the private key',
    finds: ['settings-wrong'],
    env: ({ wechatpay }) => ({ WECHATPAY_PRIVATE_KEY_FILE: join(wechatpay.info.keys, 'apiclient_cert.pem') }),
  },
  'private-key': {
    is: 'the private key is that of another certificate',
    finds: ['certificate-of-other-key', 'request-key'],
    env: ({ wechatpay }) => ({ WECHATPAY_PRIVATE_KEY_FILE: join(wechatpay.info.keys, 'wechatpay_key.pem') }),
  },
  serial: {
    is: 'the serial number is that of another certificate',
    finds: ['certificate-of-other-serial', 'request-serial'],
    env: () => ({ WECHATPAY_MERCHANT_SERIAL: '5157F09EFDC096DE15EBE81A47057A72ABCDEF12' }),
  },
  mchid: {
    is: 'the merchant id is that of another merchant',
    finds: ['certificate-of-other-merchant', 'request-serial'],
    env: () => ({ WECHATPAY_MCHID: '1230000110' }),
  },
  'certificate-absent': {
    is: 'the private key lies without its certificate',
    finds: ['certificate-absent'],
    env: (place) => keyBeside(place, null),
  },
  'certificate-unreadable': {
    is: 'the certificate beside the private key is cut off',
    finds: ['certificate-unreadable'],
    env: (place) => keyBeside(place, (good) => good.slice(0, 500)),
  },
  'certificate-expiring': {
    is: 'the merchant certificate expires in two weeks',
    finds: ['certificate-expiring'],
    env: (place) => keyBeside(place, () => certificateUntil(place, Date.now() + 14 * DAY)),
  },
  'certificate-expired': {
    is: 'the merchant certificate expired yesterday',
    finds: ['certificate-expired'],
    env: (place) => keyBeside(place, () => certificateUntil(place, Date.now() - DAY)),
  },
  'header-taken-out': {
    is: 'a proxy takes the signature out of what is sent to WeChat Pay',
    finds: ['request-refused'],
    plant: ({ wechatpay }) =>
      wechatpay.fault({
        name: 'refuse',
        code: 'SIGN_ERROR',
        status: 401,
        message: 'Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》',
        signed: false,
        times: 'always',
      }),
  },
  'certificate-as-public-key': {
    is: "the merchant's certificate is given in place of WeChat Pay's public key",
    finds: ['keys-wrong'],
    env: ({ wechatpay }) => ({ WECHATPAY_PUBLIC_KEY_FILE: join(wechatpay.info.keys, 'apiclient_cert.pem') }),
  },
  'public-key': {
    is: "WeChat Pay's public key is another than its id says",
    finds: ['answers-untrusted'],
    env({ folder }) {
      const file = join(folder, 'other_pub_key.pem')
      const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
      writeFileSync(file, publicKey.export({ type: 'spki', format: 'pem' }))
      return { WECHATPAY_PUBLIC_KEY_FILE: file }
    },
  },
  'public-key-id': {
    is: "the id of WeChat Pay's public key is that of another one",
    finds: ['answers-untrusted'],
    env: () => ({ WECHATPAY_PUBLIC_KEY_ID: 'PUB_KEY_ID_0112300001092024111100389200000001' }),
  },
  'public-key-id-refused': {
    is: 'WeChat Pay refuses the id of its public key',
    finds: ['public-key-id-refused'],
    plant: ({ wechatpay }) =>
      wechatpay.fault({
        name: 'refuse',
        code: 'PARAM_ERROR',
        message: '参数错误',
        detail: { field: 'Wechatpay-Serial', issue: '平台公钥ID有误', location: 'header' },
        signed: false,
        times: 'always',
      }),
  },
  'switch-not-begun': {
    is: 'WeChat Pay signs by a platform certificate, and only its public key is configured',
    finds: ['answers-untrusted'],
    plant: ({ wechatpay }) =>
      wechatpay.fault({ name: 'signed-by', key: 'platform-certificate', times: 'always' }),
  },
  'apiv3-key': {
    is: 'the APIv3 key is that of another merchant',
    finds: ['certificates-refused'],
    env: () => ({
      WECHATPAY_PUBLIC_KEY_ID: '',
      WECHATPAY_PUBLIC_KEY_FILE: '',
      WECHATPAY_APIV3_KEY: '0123456789abcdef0123456789abcdef',
    }),
  },
  ledger: {
    is: 'the ledger is to be in a place that is no folder',
    finds: ['ledger-unusable'],
    env({ folder }) {
      writeFileSync(join(folder, 'taken'), '')
      return { DATABASE_URL: `file:${join(folder, 'taken/ledger.sqlite')}` }
    },
  },
  'ledger-held': {
    is: 'a process that hangs holds the ledger',
    finds: ['ledger-busy'],
    env({ folder, onEnd }) {
      const file = join(folder, 'held.sqlite')
      const database = new DatabaseSync(file)
      database.exec('pragma journal_mode = wal')
      database.exec('create table migrations (number integer, name text, applied_at integer)')
      database.exec("insert into migrations values (1, 'grants', 0)")
      database.exec('begin immediate')
      onEnd(() => database.close())
      return { DATABASE_URL: `file:${file}` }
    },
  },
  'ledger-newer': {
    is: 'a newer version of the app has used the ledger',
    finds: ['ledger-newer'],
    env({ folder }) {
      const file = join(folder, 'newer.sqlite')
      const database = new DatabaseSync(file)
      database.exec('create table migrations (number integer, name text, applied_at integer)')
      database.exec("insert into migrations values (999, 'of-the-future', 0)")
      database.close()
      return { DATABASE_URL: `file:${file}` }
    },
  },
  'slack-away': {
    is: 'nothing answers at the address of Slack',
    finds: ['slack-away'],
    env: () => ({ SLACK_API_URL: 'http://127.0.0.1:1/api/' }),
  },
  'slack-proxy': {
    is: 'the proxy to Slack answers with a page of its own',
    finds: ['slack-proxy'],
    env: async ({ onEnd }) => ({ SLACK_API_URL: '', SLACK_PROXY: await loginPage(onEnd) }),
  },
  'slack-trouble': {
    is: 'Slack has trouble of its own',
    finds: ['slack-untold'],
    plant: ({ slack }) =>
      slack.fault({ name: 'web_api_error', method: 'auth.test', error: 'internal_error', times: ALWAYS }),
  },
  'slack-html': {
    is: 'a page answers in place of Slack, as of a proxy that asks for a login',
    finds: ['slack-not-itself'],
    env: async ({ onEnd }) => ({ SLACK_API_URL: `${await loginPage(onEnd)}/api/` }),
  },
  'bot-token': {
    is: 'the bot token was revoked',
    finds: ['bot-token-refused'],
    env: () => ({ SLACK_BOT_TOKEN: 'xoxb-revoked' }),
  },
  scopes: {
    is: 'the app was installed before the manifest asked for all scopes',
    finds: ['scopes-missing', 'scopes-missing-optional', 'people-untold'],
    plant: ({ slack }) => slack.changeInstallation({ scopes: SCOPES }),
  },
  'app-token': {
    is: 'the app-level token was revoked',
    finds: ['app-token-refused'],
    env: () => ({ SLACK_APP_TOKEN: 'xapp-revoked' }),
  },
  'app-token-of-other-app': {
    is: 'the two tokens belong to different apps',
    finds: ['app-token-of-other-app'],
    plant: ({ slack }) => slack.changeInstallation({ appTokenOf: 'A0OTHERAPP' }),
  },
  'channel-missing': {
    is: 'the policy names an approval channel that is not there',
    finds: ['channel-missing'],
    plant: ({ changePolicy }) => changePolicy((text) => text.replace(APPROVAL, 'C0NOWHERE1')),
  },
  'channel-not-joined': {
    is: 'nobody has invited the app to the approval channel',
    finds: ['channel-not-joined'],
    plant: ({ slack }) => slack.setChannel(APPROVAL, { members: ['U0LEAD1', 'U0LEAD2'] }),
  },
  'channel-archived': {
    is: 'the approval channel is archived',
    finds: ['channel-archived'],
    plant: ({ slack }) => slack.setChannel(APPROVAL, { isArchived: true }),
  },
  'channel-shared': {
    is: 'the approval channel is shared with another organisation',
    finds: ['channel-shared'],
    plant: ({ slack }) => slack.setChannel(APPROVAL, { isExternal: true }),
  },
  'channel-read-only': {
    is: 'apps may not post in the approval channel',
    finds: ['channel-read-only'],
    plant: ({ slack }) => slack.setChannel(APPROVAL, { isReadOnly: true }),
  },
  'channel-unreadable': {
    is: 'Slack does not let the app look at the approval channel',
    finds: ['channel-unreadable'],
    plant: ({ slack }) =>
      slack.fault({
        name: 'web_api_error',
        method: 'conversations.info',
        channel: APPROVAL,
        error: 'missing_scope',
        times: ALWAYS,
      }),
  },
  'alerts-missing': {
    is: 'the app is not in the alerts channel',
    finds: ['channel-not-joined'],
    plant: ({ slack }) => slack.setChannel('C0ALERTS1', { members: ['U0OPS001'] }),
  },
  'alerts-shared': {
    is: 'the alerts channel is shared with another organisation',
    finds: ['channel-shared-alerts'],
    plant: ({ slack }) => slack.setChannel('C0ALERTS1', { isExternal: true }),
  },
  'alerts-unset': {
    is: 'the policy names no alerts channel',
    finds: ['alerts-unset'],
    plant: ({ changePolicy }) => changePolicy((text) => text.replace('alerts: C0ALERTS1\n', '')),
  },
  'no-plan': {
    is: 'the workspace has no user groups, as on a free plan',
    finds: ['groups-need-plan', 'nobody-requests', 'quorum-short'],
    plant: ({ slack }) =>
      slack.fault({
        name: 'web_api_error',
        method: 'usergroups.list',
        error: 'plan_upgrade_required',
        times: ALWAYS,
      }),
  },
  'group-missing': {
    is: 'the policy names a user group that is not there',
    finds: ['group-missing', 'quorum-short'],
    plant: ({ changePolicy }) => changePolicy((text) => text.replaceAll('S0LEADS1', 'S0NOBODY1')),
  },
  'group-disabled': {
    is: 'a user group of the policy is switched off',
    finds: ['group-disabled', 'quorum-short'],
    plant: ({ slack }) => slack.changeGroup('S0LEADS1', { isDisabled: true }),
  },
  'group-empty': {
    is: 'nobody is in a user group of the policy',
    finds: ['group-empty'],
    plant: ({ slack }) => slack.changeGroup('S0AGENTS', { users: [] }),
  },
  'person-missing': {
    is: 'the policy names somebody whom Slack does not know',
    finds: ['person-missing'],
    plant: ({ changePolicy }) => changePolicy((text) => text.replace('[U0AUDIT1]', '[U0NOBODY1]')),
  },
  'person-left': {
    is: 'somebody whom the policy names has left',
    finds: ['person-without-role', 'nobody-operates'],
    plant: ({ changePolicy }) => changePolicy((text) => text.replace('ops@example.com', 'U0GONE01')),
  },
  'one-approver': {
    is: 'the only approver may ask for coupons too',
    finds: ['quorum-short-for-requester'],
    plant: ({ slack }) => slack.changeGroup('S0LEADS1', { users: ['U0LEAD1', 'U0GUEST1'] }),
  },
  'wechatpay-away': {
    is: 'nothing answers at the address of WeChat Pay',
    finds: ['wechatpay-away'],
    env: () => ({ WECHATPAY_BASE_URL: 'http://127.0.0.1:1' }),
  },
  'wechatpay-first-host': {
    is: "WeChat Pay's first host can't be reached, the second can",
    finds: ['wechatpay-first-host-away'],
    env: ({ env }) => ({ WECHATPAY_BASE_URL: `http://127.0.0.1:1,${env.WECHATPAY_BASE_URL}` }),
  },
  'wechatpay-proxy': {
    is: 'the proxy to WeChat Pay answers with a page of its own',
    finds: ['wechatpay-proxy'],
    env: async ({ onEnd }) => ({ WECHATPAY_BASE_URL: '', WECHATPAY_PROXY: await loginPage(onEnd) }),
  },
  'wechatpay-busy': {
    is: 'WeChat Pay answers only that too much is asked of it',
    finds: ['wechatpay-untold', 'answers-unproven'],
    plant: ({ wechatpay }) => wechatpay.fault({ name: 'too-many-requests', times: 'always' }),
  },
  'wechatpay-html': {
    is: 'a page answers in place of WeChat Pay, as of a proxy that asks for a login',
    finds: ['wechatpay-not-itself'],
    env: async ({ onEnd }) => ({ WECHATPAY_BASE_URL: await loginPage(onEnd) }),
  },
  appid: {
    is: 'the appid is not bound to the merchant',
    finds: ['stock-appid'],
    env: () => ({ WECHATPAY_APPID: 'wxaaaaaaaaaaaaaaaa' }),
  },
  stock: {
    is: 'the policy names a stock that is not there',
    finds: ['stock-missing'],
    plant: ({ changePolicy }) => changePolicy((text) => text.replace('1304490000000060', '1304490000000099')),
  },
  'stock-of-other-merchant': {
    is: 'the policy names a merchant that is not there',
    finds: ['stock-mchid'],
    plant: ({ changePolicy }) =>
      changePolicy((text) =>
        text.replace("stock_id: '1304490000000060'", "stock_id: '1304490000000060'\n    mchid: '1999999999'"),
      ),
  },
  'stock-of-nobody': {
    is: 'WeChat Pay tells nothing of a stock when it is asked for the coupons of nobody',
    finds: ['stock-untold'],
    plant: ({ wechatpay }) => wechatpay.fault({ name: 'refuse', code: 'INVALID_REQUEST', times: 'always' }),
  },
  'stock-odd': {
    is: 'WeChat Pay answers a look-up in a form that its documents do not have',
    finds: ['stock-odd'],
    plant: ({ wechatpay }) => wechatpay.fault({ name: 'odd-answer', top: { data: 1 }, times: 'always' }),
  },
  'no-right': {
    is: 'the merchant has no right to the product',
    finds: ['stock-without-right'],
    plant: ({ wechatpay }) => wechatpay.fault({ name: 'refuse', code: 'NO_AUTH', times: 'always' }),
  },
  'lookup-off': {
    is: "the secret of the merchant's own look-up is not set",
    finds: ['lookup-off'],
    env: () => ({ CUSTOMER_LOOKUP_SECRET: '' }),
  },
  'lookup-secret': {
    is: "the merchant's own look-up signs with another secret",
    finds: ['lookup-faulty'],
    plant: ({ lookup }) => lookup.fault({ name: 'other-secret', times: 'always' }),
  },
  'lookup-away': {
    is: "nothing answers at the address of the merchant's own look-up",
    finds: ['lookup-faulty'],
    env: () => ({ CUSTOMER_LOOKUP_URL: 'http://127.0.0.1:1/find' }),
  },
}

/** Plants a fault. @returns the environment that the app is then configured with */
export async function plantBroken({ env, plant }: Broken, place: Place): Promise<Variables> {
  plant?.(place)
  return { ...place.env, ...(await env?.(place)) }
}

/**
 * Puts the private key in a folder of its own, beside what `made` turns its certificate into; null: beside nothing.
 */
function keyBeside({ wechatpay, folder }: Place, made: ((good: string) => string) | null): Variables {
  const [file, certificate] = ['apiclient_key.pem', 'apiclient_cert.pem']
  copyFileSync(join(wechatpay.info.keys, file), join(folder, file))
  if (made)
    writeFileSync(
      join(folder, certificate),
      made(readFileSync(join(wechatpay.info.keys, certificate), 'utf8')),
    )
  return { WECHATPAY_PRIVATE_KEY_FILE: join(folder, file) }
}

/** A certificate like the merchant's own. @param until epoch ms */
function certificateUntil({ wechatpay: { info } }: Place, until: number): string {
  return makeCertificate({
    privateKey: createPrivateKey(readFileSync(join(info.keys, 'apiclient_key.pem'))),
    commonName: info.mchid,
    organization: 'Sandbox, not a real authority',
    from: until - 5 * 365 * DAY,
    until,
    serial: info.merchantSerial,
  })
}

/** Answers every request with a page, also as a proxy. @returns its address */
async function loginPage(onEnd: Place['onEnd']): Promise<string> {
  const server = createServer((request, response) => {
    request.resume()
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html><title>Log in</title></html>')
  })
  server.on('connect', (_, socket) => {
    socket.end('HTTP/1.1 403 Forbidden\r\ncontent-type: text/html\r\n\r\n<html><title>Log in</title></html>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onEnd(() => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
