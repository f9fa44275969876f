import type { DoctorWords } from './index.ts'

const away: Readonly<Record<string, string>> = {
  dns: "its name can't be looked up",
  refused: 'the connection is refused',
  timeout: "it doesn't answer in time",
  tls: "the TLS connection can't be verified",
  network: 'the connection breaks',
}
const awayRemedy: Readonly<Record<string, string>> = {
  dns: 'check DNS and the network of this machine',
  refused: 'check the firewall, and the address if you set one',
  timeout: 'check the firewall and the network; if this machine needs a proxy, set HTTPS_PROXY',
  tls: 'check the clock; if a proxy decrypts the traffic, put its certificate into NODE_EXTRA_CA_CERTS',
  network: 'check the network; if this machine needs a proxy, set HTTPS_PROXY',
}
const uses: Readonly<Record<string, string>> = { approval: 'approval channel', alerts: 'alerts channel' }
const standings: Readonly<Record<string, string>> = {
  deactivated: 'is deactivated',
  bot: 'is a bot',
  guest: 'is a guest',
  'other-workspace': 'belongs to another workspace',
}
const lookups: Readonly<Record<string, string>> = {
  slow: 'it has 2 s to answer: make it faster, or move it nearer',
  down: 'check customers.endpoint in the policy, or CUSTOMER_LOOKUP_URL if it is set, and whether the look-up runs and takes calls from this machine',
  unsigned: 'set CUSTOMER_LOOKUP_SECRET to the same secret on both sides',
  stale: 'set the clock of the machine that answers (NTP)',
  redirect: 'write the address that it redirects to into customers.endpoint: the app follows no redirects',
}
const levelName = (level: string) => (level === '' ? 'approval' : `approval level ${level}`)
const channel = ({ use = '', name, channel }: Record<string, string>) =>
  name === undefined ? `the ${uses[use]} ${channel}` : `the ${uses[use]} #${name} (${channel})`

export const en: DoctorWords = {
  title: 'Set-up check',
  parts: {
    machine: 'This machine',
    settings: 'Settings, policy and keys',
    ledger: 'Ledger',
    slack: 'Slack',
    people: 'People',
    wechatpay: 'WeChat Pay',
  },
  levels: { ok: 'ok', unknown: 'not checked', warning: 'warning', blocks: 'BLOCKS' },
  step: (step) => `README, “Connect it”, step ${step}`,
  summary: ({ blocks, warning, unknown, ok }) =>
    [
      blocks > 0
        ? `${blocks} ${blocks === 1 ? 'problem blocks' : 'problems block'} the app`
        : 'Nothing blocks the app',
      ...(warning > 0 ? [`${warning} ${warning === 1 ? 'warning' : 'warnings'}`] : []),
      `${ok} ok`,
      ...(unknown > 0 ? [`${unknown} not checked`] : []),
    ].join(', '),
  press: {
    text: 'A check of the set-up: press the button, and the app answers here.',
    button: 'Press me',
    waiting: (person, seconds) =>
      `A direct message with a button was sent to ${person}: press it while the app runs (waiting ${seconds} s)\n`,
    pressed: (ms) =>
      `Your click has reached the app${ms === null ? '' : ` after ${ms} ms`}. Clicks and commands arrive.`,
  },
  findings: {
    'node-good': ({ version }) => [`Node.js ${version}`],
    'node-old': ({ version, least }) => [
      `Node.js ${version} is too old`,
      `install Node.js ${least} or later, or run the app by its npm scripts after npm ci`,
    ],
    'clock-good': ({ service }) => [`The clock agrees with ${service}`],
    'clock-off': ({ service, seconds, direction }) => [
      `The clock is ${seconds} s ${direction === 'ahead' ? 'ahead of' : 'behind'} ${service}`,
      'synchronise it (NTP): from 300 s WeChat Pay refuses every request',
    ],
    'clock-wrong': ({ service, seconds, direction }) => [
      `The clock is ${seconds} s ${direction === 'ahead' ? 'ahead of' : 'behind'} ${service}`,
      'set the clock and synchronise it (NTP): WeChat Pay refuses what is signed 300 s off',
    ],
    'settings-good': () => ['Every variable has a valid form'],
    'settings-wrong': ({ variable, problem, remedy = '' }) => [`${variable} ${problem}`, remedy],
    'policy-good': ({ stocks, version }) => [`The policy is valid: stocks ${stocks}, version ${version}`],
    'policy-wrong': ({ mistake = '', remedy = '' }) => [mistake, remedy],
    'keys-good': () => ["The merchant's private key can be read, and so can the key that verifies answers"],
    'keys-wrong': ({ problem = '' }) => [problem, 'correct the variable that is named'],
    'certificate-good': ({ until }) => [
      `The certificate, its serial number and the private key belong together; valid until ${until}`,
    ],
    'certificate-absent': () => [
      'Whether private key and serial number fit: there is no apiclient_cert.pem beside the key file',
      'put it there to have this checked; the app itself does not need it',
    ],
    'certificate-unreadable': () => [
      "apiclient_cert.pem beside the private key can't be read",
      'copy it again from what the certificate tool made',
    ],
    'certificate-of-other-key': ({ serial }) => [
      `The private key does not belong to the certificate beside it (${serial})`,
      'use apiclient_key.pem and apiclient_cert.pem of the same download',
    ],
    'certificate-of-other-serial': ({ serial, given }) => [
      `WECHATPAY_MERCHANT_SERIAL is ${given}, but the certificate beside the private key has ${serial}`,
      `set WECHATPAY_MERCHANT_SERIAL=${serial}`,
    ],
    'certificate-of-other-merchant': ({ owner, given }) => [
      `The certificate was made for merchant ${owner}, but WECHATPAY_MCHID is ${given}`,
      'set the merchant id that the certificate belongs to, or use that merchant’s key',
    ],
    'certificate-expiring': ({ until }) => [
      `The merchant certificate expires on ${until}`,
      'apply for a new one in the merchant platform and change WECHATPAY_MERCHANT_SERIAL and the private key',
    ],
    'certificate-expired': ({ until }) => [
      `The merchant certificate expired on ${until}`,
      'apply for a new one in the merchant platform and change WECHATPAY_MERCHANT_SERIAL and the private key',
    ],
    'ledger-good': ({ engine, version }) => [`The ledger (${engine}, version ${version}) can be written`],
    'ledger-new': ({ engine }) => [`There is no ledger yet (${engine}); the first start makes it`],
    'ledger-older': ({ engine, version, latest }) => [
      `The ledger (${engine}) has version ${version}; the next start brings it up to ${latest}`,
    ],
    'ledger-busy': ({ why = '' }) => [
      `The ledger could not be written in time: ${why}`,
      'find the process that holds it, such as an app that hangs, and stop it',
    ],
    'ledger-unusable': ({ why = '' }) => [
      `The ledger can't be used: ${why}`,
      'correct what it names: DATABASE_URL, the server, or the disk and its permissions',
    ],
    'ledger-newer': ({ engine, version, latest }) => [
      `A newer version of the app has used the ledger (${engine}): it has version ${version}, this app knows up to ${latest}`,
      'start that newer version of the app; a ledger cannot go back to an older version, but a backup from before can be restored into a new ledger',
    ],
    'backup-good': ({ at }) => [`Last backup by npm run ledger: ${at}`],
    'backup-old': ({ at, days }) => [
      `The last backup by npm run ledger is ${days} days old (${at})`,
      'run npm run ledger -- backup FILE, ideally every day, and keep the file on another machine; if you back up by other means now, npm run ledger -- forget-backup ends this warning',
    ],
    'seal-key-missing': () => [
      'The history was signed so far, but there is no key any more: it is kept, but not sealed',
      'set AUDIT_KEY_FILE to the key from before; with a new key the history is sealed again, and whoever verifies it must be given both public keys',
    ],
    'slack-away': ({ why = '', detail }) => [
      `Slack can't be reached: ${away[why]} (${detail})`,
      awayRemedy[why] ?? '',
    ],
    'slack-proxy': ({ proxy, detail }) => [
      `Slack can't be reached through the proxy ${proxy} (${detail})`,
      'check SLACK_PROXY, or HTTPS_PROXY (HTTP 407: its user and password), and whether the proxy lets slack.com through; SLACK_PROXY=none bypasses it',
    ],
    'slack-not-itself': ({ status, type }) => [
      `Something else answers in place of Slack (HTTP ${status}, ${type})`,
      'a proxy or a login page stands in between: let this machine reach slack.com, or correct SLACK_API_URL',
    ],
    'slack-untold': ({ why = '' }) => [
      `Slack did not answer a question: ${why}`,
      'run the check again in a minute',
    ],
    'bot-token-good': ({ team, teamId, bot }) => [`Bot token of ${bot} in the workspace ${team} (${teamId})`],
    'bot-token-refused': ({ code }) => [
      `Slack refuses SLACK_BOT_TOKEN (${code})`,
      'install the app to the workspace and copy the Bot User OAuth Token (xoxb-…) of “OAuth & Permissions”',
    ],
    'bot-token-of-person': () => [
      "SLACK_BOT_TOKEN is not a bot's token",
      'copy the Bot User OAuth Token, which begins with xoxb-',
    ],
    'scopes-good': () => ['All scopes of the manifest are granted'],
    'scopes-missing': ({ scopes }) => [
      `Scopes are missing: ${scopes}`,
      'paste manifest/manifest.json into “App Manifest”, save, and install the app again',
    ],
    'scopes-missing-optional': ({ scopes }) => [
      `Optional scopes are missing: ${scopes}. Without :history a message whose delivery Slack did not confirm may appear twice; without files:write a report comes without its CSV`,
      'paste manifest/manifest.json into “App Manifest”, save, and install the app again',
    ],
    'app-token-good': () => ['Slack accepts SLACK_APP_TOKEN for Socket Mode'],
    'app-token-refused': ({ code }) => [
      `Slack refuses SLACK_APP_TOKEN (${code})`,
      'create an app-level token (xapp-…) with connections:write under “Basic Information”, and switch Socket Mode on',
    ],
    'app-token-of-other-app': ({ app, bot }) => [
      `SLACK_APP_TOKEN belongs to the app ${app}, SLACK_BOT_TOKEN to ${bot}: no click would arrive`,
      'copy both tokens from the settings of the same app',
    ],
    'signing-secret-unproven': () => [
      'Whether SLACK_SIGNING_SECRET fits: only a request from Slack can show it',
      'run npm run doctor -- --press with your Slack user id while the app runs',
    ],
    'press-good': ({ ms }) => [`The running app answered a click, which reached it after ${ms} ms`],
    'press-unsent': ({ person, code }) => [
      `${person} can't be sent a message (${code})`,
      'give the member id (U…) of somebody in this workspace, and install the app with the scopes of manifest/manifest.json',
    ],
    'press-unseen': ({ code }) => [
      `Whether the app answered the click can't be read (${code})`,
      'look at the message itself: the app has answered there if the button is gone',
    ],
    'press-unanswered': ({ person, seconds }) => [
      `No click of ${person} was answered within ${seconds} s`,
      'start the app first; over HTTP, check the request URL of interactivity and SLACK_SIGNING_SECRET; in Socket Mode, SLACK_APP_TOKEN',
    ],
    'channel-good': (values) => [`The app is in ${channel(values)}`],
    'channel-missing': (values) => [
      `Slack knows no channel for ${channel(values)}, or it is private and the app is not in it`,
      'correct the id in the policy, or invite the app to the channel',
    ],
    'channel-not-joined': (values) => [
      `The app is not in ${channel(values)}`,
      'type /invite @Withdraw Coupon in that channel',
    ],
    'channel-archived': (values) => [
      `The channel is archived: ${channel(values)}`,
      'unarchive it, or name another channel in the policy',
    ],
    'channel-shared': (values) => [
      `Another organisation reads in ${channel(values)}`,
      'name a channel in the policy that is not shared by Slack Connect',
    ],
    'channel-shared-alerts': (values) => [
      `Another organisation reads in ${channel(values)}`,
      'name a channel in the policy that is not shared by Slack Connect',
    ],
    'channel-read-only': (values) => [
      `The app may not post in ${channel(values)}`,
      'change who may post there, or name another channel in the policy',
    ],
    'channel-unreadable': (values) => [
      `Slack doesn't show ${channel(values)} (${values.code})`,
      'install the app again with the scopes of manifest/manifest.json',
    ],
    'alerts-unset': () => [
      'The policy names no alerts channel: faults appear only in the log',
      'set alerts in the policy to a channel that operators read',
    ],
    'second-consumer': ({ own, counted, apps }) => [
      `Slack counts ${counted} Socket Mode connections; ${apps === '1' ? 'this app has' : `the ${apps} apps on this ledger have`} ${own}`,
      'another process uses the same SLACK_APP_TOKEN and takes a share of all clicks: stop it, give it a Slack app of its own, or, if it should be a replica, the same DATABASE_URL',
    ],
    'groups-good': ({ count }) => [`User groups of the policy: ${count}, each has members`],
    'groups-need-plan': ({ groups }) => [
      `This workspace has no user groups, which need a paid plan of Slack; the policy names ${groups}`,
      'list people by member id or e-mail address in the policy instead',
    ],
    'group-missing': ({ group }) => [
      `Slack knows no user group ${group}`,
      'correct the id in the policy: open the group in Slack, “Copy group ID”',
    ],
    'group-disabled': ({ group, handle }) => [
      `The user group @${handle} (${group}) is switched off: nobody is in it`,
      'enable it in Slack, or take it out of the policy',
    ],
    'group-empty': ({ group, handle }) => [
      `Nobody is in the user group @${handle} (${group})`,
      'add its members in Slack, or take the group out of the policy',
    ],
    'people-good': ({ count }) => [`People of the policy: ${count}, all are members of the workspace`],
    'people-untold': () => [
      'Slack did not say who some people of the policy are',
      'correct what this report says about Slack, then run the check again',
    ],
    'person-missing': ({ person }) => [
      `Slack knows nobody as ${person}`,
      'correct the member id or the e-mail address in the policy',
    ],
    'person-without-role': ({ person, why = '' }) => [
      `${person} ${standings[why]}, and so has no role`,
      'take this person out of the policy',
    ],
    'nobody-requests': () => [
      'Nobody may ask for coupons',
      'set roles.requesters in the policy to people or groups that exist',
    ],
    'nobody-operates': () => [
      'There is no operator: nobody may pause issuing or settle an unknown outcome',
      'set roles.operators in the policy to people who are members of the workspace',
    ],
    'quorum-good': ({ level = '', approvals }) => [
      `Enough approvers for ${levelName(level)} (${approvals} needed)`,
    ],
    'quorum-short': ({ level = '', approvals, reachable, approvers }) => [
      `Too few approvers for ${levelName(level)}: ${approvals} needed, ${reachable} can decide (${approvers || 'none named'})`,
      'add approvers in the policy or in the user group, or ask for fewer approvals',
    ],
    'quorum-short-for-requester': ({ level = '', approvals, reachable, requester }) => [
      `Too few approvers for ${levelName(level)} when ${requester} asks: ${approvals} needed, ${reachable} besides the requester can decide`,
      'add one more approver',
    ],
    'wechatpay-away': ({ why = '', detail }) => [
      `WeChat Pay can't be reached: ${away[why]} (${detail})`,
      awayRemedy[why] ?? '',
    ],
    'wechatpay-proxy': ({ proxy, detail }) => [
      `WeChat Pay can't be reached through the proxy ${proxy} (${detail})`,
      'check WECHATPAY_PROXY, or HTTPS_PROXY (HTTP 407: its user and password), and whether the proxy lets api.mch.weixin.qq.com through; WECHATPAY_PROXY=none bypasses it',
    ],
    'wechatpay-not-itself': ({ status, type }) => [
      `Something else answers in place of WeChat Pay (HTTP ${status}, ${type})`,
      'a proxy or a login page stands in between: let this machine reach api.mch.weixin.qq.com, or correct WECHATPAY_BASE_URL',
    ],
    'wechatpay-first-host-away': ({ host, why = '', detail }) => [
      `${host} can't be reached: ${away[why] ?? why} (${detail}). The next host can`,
      'check the firewall: the second host of WeChat Pay is meant for emergencies',
    ],
    'wechatpay-untold': ({ why = '' }) => [
      `WeChat Pay did not answer: ${why}`,
      'run the check again in a minute',
    ],
    'request-signature-good': ({ mchid }) => [`WeChat Pay accepts what merchant ${mchid} signs`],
    'request-clock': () => [
      'WeChat Pay refuses the signature because of its time',
      'set the clock of this machine (NTP)',
    ],
    'request-serial': () => [
      'WeChat Pay does not know this serial number for this merchant',
      'compare WECHATPAY_MCHID and WECHATPAY_MERCHANT_SERIAL with the merchant platform (账户中心 > API安全): openssl x509 -in apiclient_cert.pem -noout -serial',
    ],
    'request-key': () => [
      'WeChat Pay refuses the signature: the private key is not that of the serial number',
      'use apiclient_key.pem of the certificate whose serial number is set',
    ],
    'request-refused': ({ why = '' }) => [
      `WeChat Pay refuses the signature: ${why}`,
      'check WECHATPAY_MCHID, WECHATPAY_MERCHANT_SERIAL, the private key, the clock, and whether a proxy changes the Authorization header',
    ],
    'answers-good': () => ["WeChat Pay's signature was verified"],
    'answers-untrusted': ({ why, came, expected, remedy = '', stocks = '' }) => {
      const untold = stocks === '' ? '' : `, so nothing is known of ${stocks}`
      return [`Answers can't be verified (${seen(came, expected) ?? why})${untold}`, remedy]
    },
    'answers-unproven': ({ why = '' }) => [
      `Whether answers can be verified: no answer was signed (${why})`,
      'correct what is said above and below, then run the check again',
    ],
    'public-key-id-refused': ({ why = '' }) => [
      `WeChat Pay refuses the id of the key that answers are verified with: ${why}`,
      'copy the id of the public key again from pay.weixin.qq.com (账户中心 > API安全), as the merchant of WECHATPAY_MCHID, into WECHATPAY_PUBLIC_KEY_ID',
    ],
    'certificates-refused': ({ why = '' }) => [
      `Answers can't be verified: ${why}`,
      'copy the APIv3 key of this merchant again (账户中心 > API安全), or set WECHATPAY_PUBLIC_KEY_ID and WECHATPAY_PUBLIC_KEY_FILE',
    ],
    'stock-good': ({ stock, stockId }) => [`WeChat Pay knows the stock ${stock} (${stockId})`],
    'stock-untold': ({ stock, stockId, why }) => [
      `Whether WeChat Pay knows the stock ${stock} (${stockId}): it answered ${why}`,
      'run npm run doctor -- --openid with the openid of somebody you know',
    ],
    'stock-odd': ({ stock, stockId, why }) => [
      `Whether WeChat Pay knows the stock ${stock} (${stockId}): it answered ${why}`,
      'run the check again; if the answer stays the same, ask WeChat Pay’s support what it means',
    ],
    'stock-without-right': ({ stock, stockId, mchid }) => [
      `Merchant ${mchid} has no right to the stock ${stock} (${stockId})`,
      'activate the product (银行提现免费券) in the merchant platform (产品中心)',
    ],
    'stock-appid': ({ stock, appid, mchid }) => [
      `The appid ${appid} of the stock ${stock} is not bound to merchant ${mchid}`,
      'bind it in the merchant platform (产品中心 > AppID账号管理), or correct WECHATPAY_APPID or the policy',
    ],
    'stock-mchid': ({ stock, mchid }) => [
      `WeChat Pay knows no merchant ${mchid}, which the stock ${stock} belongs to`,
      'correct mchid in the policy, or WECHATPAY_MCHID',
    ],
    'stock-missing': ({ stock, stockId, mchid }) => [
      `WeChat Pay knows no stock ${stockId} (${stock}) of merchant ${mchid}`,
      'correct stock_id (批次号) in the policy, or name the merchant that created it by mchid',
    ],
    'lookup-good': () => ['Your own look-up of users answers, signed as agreed'],
    'lookup-off': () => [
      'Your own look-up of users, which the policy names, is not offered: CUSTOMER_LOOKUP_SECRET is not set',
      'set it to the secret that your look-up signs with, or take customers.endpoint out of the policy',
    ],
    'lookup-faulty': ({ detail, fault = '' }) => [
      `Your own look-up of users doesn't work: ${detail}`,
      lookups[fault] ?? 'see “Your own look-up” in manifest/README.md for what it must answer',
    ],
    'check-failed': ({ check, why }) => [
      `The check “${check}” itself failed (${why})`,
      'run it again; if it still fails, look at the log',
    ],
  },
}

/** Undefined for a finding of an older version, which said it in one text. */
function seen(came: string | undefined, expected: string | undefined): string | undefined {
  if (came === undefined) return undefined
  const signed = came === 'none' ? 'not signed' : `signed by ${came}`
  return came === expected ? signed : `${signed}, expected ${expected}`
}
