import type { OptionFault } from '../../wechatpay/index.ts'
import type { DoctorWords } from './index.ts'

const away: Readonly<Record<string, string>> = {
  dns: '域名无法解析',
  refused: '连接被拒绝',
  timeout: '超时无应答',
  tls: 'TLS 证书无法验证',
  network: '连接中断',
}
const awayRemedy: Readonly<Record<string, string>> = {
  dns: '检查本机的 DNS 和网络',
  refused: '检查防火墙；如果自行设置了地址，也请核对',
  timeout: '检查防火墙和网络；如果本机需要代理，请设置 HTTPS_PROXY',
  tls: '检查时钟；如果代理会解密流量，请用 NODE_EXTRA_CA_CERTS 指定其证书',
  network: '检查网络；如果本机需要代理，请设置 HTTPS_PROXY',
}
const uses: Readonly<Record<string, string>> = { approval: '审批频道', alerts: '告警频道' }
const standings: Readonly<Record<string, string>> = {
  deactivated: '已停用',
  bot: '是机器人',
  guest: '是访客',
  'other-workspace': '属于其他工作区',
}
/** What was given instead of a key, or what is wrong with it. */
const keyFaults: Record<OptionFault['fault'], (detail: string) => string> = {
  form: () => '格式不对',
  missing: () => '未设置，WECHATPAY_APIV3_KEY 也未设置',
  locked: () => '设有密码，请先解除：openssl pkey -in key.pem -out open.pem',
  certificate: () => '是证书',
  'public-key': () => '是公钥',
  'private-key': () => '是私钥',
  elliptic: () => '是椭圆曲线密钥，而微信支付只接受 RSA',
  path: () => '是文件路径，应为文件内容',
  'cut-off': () => '在“-----END …-----”一行之前就结束了：请完整复制，写在变量中时加上引号',
  'no-pem': () => '不是 PEM 文本',
  unreadable: () => '无法读取，可能缺少一部分',
  'other-kind': (label) => `是 ${label}`,
  'not-rsa': (kind) => `不是 RSA 密钥，而是 ${kind}`,
  short: (bits) => `只有 ${bits} 位，微信支付要求 2048 位的 RSA 密钥`,
  'of-merchant': () => '是商户自己的证书或密钥，此处需要微信支付的',
  'serial-of-merchant': () => '的序列号与所填的商户证书序列号相同，而后者应取自 apiclient_cert.pem',
  'other-serial': (serial) => `是序列号为 ${serial} 的证书，与所填的 ID 不符`,
  'id-without-prefix': () => '的 ID 应以 PUB_KEY_ID_ 开头：请从商户平台完整复制',
  'not-yet-valid': (from) => `是证书，${from} 之前尚未生效`,
  expired: (to) => `是证书，已于 ${to} 到期`,
}
const keysWanted: Readonly<Record<string, string>> = {
  privateKey: '请使用商户 API 证书的私钥（apiclient_key.pem）',
  'publicKey.pem': '请使用微信支付公钥（pub_key.pem）及其 ID（PUB_KEY_ID_…）',
}
/** Why the merchant's own look-up fails, and what its code says. */
const lookupFaults: Readonly<Record<string, string>> = {
  slow: '2 秒内没有完整的应答',
  unsigned: '应答没有用 CUSTOMER_LOOKUP_SECRET 对此次查询签名',
  stale: '应答的签名时间与本机相差五分钟以上',
  redirect: '它要求跳转到其他地址',
  'too-large': '应答过大',
  odd: '应答格式不符合约定',
}
const lookups: Readonly<Record<string, string>> = {
  slow: '须在 2 秒内应答：请提高其速度，或部署到更近的位置',
  down: '检查策略中的 customers.endpoint（或已设置的 CUSTOMER_LOOKUP_URL），以及该接口是否在运行、是否允许本机访问',
  unsigned: '两端的 CUSTOMER_LOOKUP_SECRET 须相同',
  stale: '请校准应答方机器的时钟（NTP）',
  redirect: '请在 customers.endpoint 中直接填写跳转后的地址：应用不跟随重定向',
}
const directions: Readonly<Record<string, string>> = { ahead: '快', behind: '慢' }
const levelName = (level: string) => (level === '' ? '默认审批' : `第 ${level} 级审批规则`)
const channel = ({ use = '', name, channel }: Record<string, string>) =>
  name === undefined ? `${uses[use]} ${channel}` : `${uses[use]} #${name}（${channel}）`

export const zhCN: DoctorWords = {
  title: '配置检查',
  parts: {
    machine: '本机',
    settings: '环境变量、策略和密钥',
    ledger: '账本',
    slack: 'Slack',
    people: '人员',
    wechatpay: '微信支付',
  },
  levels: { ok: '正常', unknown: '未检查', warning: '警告', blocks: '阻断' },
  step: (step) => `见 README“接入”第 ${step} 步`,
  summary: ({ blocks, warning, unknown, ok }) =>
    [
      blocks > 0 ? `${blocks} 个问题会让应用无法工作` : '没有阻断性问题',
      ...(warning > 0 ? [`${warning} 个警告`] : []),
      `${ok} 项正常`,
      ...(unknown > 0 ? [`${unknown} 项未检查`] : []),
    ].join('，'),
  press: {
    text: '配置检查：请点击按钮，应用会在此处回应。',
    button: '点我',
    waiting: (person, seconds) =>
      `已向 ${person} 发送带按钮的私信：请在应用运行时点击（等待 ${seconds} 秒）\n`,
    pressed: (ms) => `应用已收到点击${ms === null ? '' : `，用时 ${ms} ms`}。点击和命令都能送达。`,
  },
  findings: {
    'node-good': ({ version }) => [`Node.js ${version}`],
    'node-old': ({ version, least }) => [
      `Node.js ${version} 版本过低`,
      `安装 Node.js ${least} 或更高版本，或在 npm ci 之后用 npm 脚本运行`,
    ],
    'clock-good': ({ service }) => [`时钟与${serviceName(service)}一致`],
    'clock-off': ({ service, seconds, direction = '' }) => [
      `时钟比${serviceName(service)}${directions[direction]} ${seconds} 秒`,
      '请同步时钟（NTP）：相差 300 秒起，微信支付会拒绝所有请求',
    ],
    'clock-wrong': ({ service, seconds, direction = '' }) => [
      `时钟比${serviceName(service)}${directions[direction]} ${seconds} 秒`,
      '请校准并同步时钟（NTP）：相差 300 秒的签名会被微信支付拒绝',
    ],
    'settings-good': () => ['所有环境变量格式正确'],
    'settings-wrong': ({ variable, problem, remedy = '' }) => [`${variable} ${problem}`, remedy],
    'policy-good': ({ stocks, version }) => [`策略文件有效：${stocks} 个批次，版本 ${version}`],
    'policy-wrong': ({ mistake = '', remedy = '' }) => [mistake, remedy],
    'keys-good': () => ['商户私钥和用于验签的密钥都能读取'],
    'keys-wrong': ({ variable, option = '', fault = '', detail = '' }) => [
      `${variable} ${(keyFaults[fault as OptionFault['fault']] ?? keyFaults.form)(detail)}`,
      keysWanted[option] ?? '请修正该变量',
    ],
    'certificate-good': ({ until }) => [`商户证书、序列号和私钥相符，有效期至 ${until}`],
    'certificate-absent': () => [
      '私钥与序列号是否相符：私钥文件旁没有 apiclient_cert.pem',
      '把它放在私钥旁即可检查；应用运行并不需要它',
    ],
    'certificate-unreadable': () => ['私钥旁的 apiclient_cert.pem 无法读取', '请重新复制证书工具生成的文件'],
    'certificate-of-other-key': ({ serial }) => [
      `私钥与旁边的证书（${serial}）不是一对`,
      '请使用同一次下载的 apiclient_key.pem 和 apiclient_cert.pem',
    ],
    'certificate-of-other-serial': ({ serial, given }) => [
      `WECHATPAY_MERCHANT_SERIAL 是 ${given}，但私钥旁证书的序列号是 ${serial}`,
      `设置 WECHATPAY_MERCHANT_SERIAL=${serial}`,
    ],
    'certificate-of-other-merchant': ({ owner, given }) => [
      `证书属于商户 ${owner}，但 WECHATPAY_MCHID 是 ${given}`,
      '填写证书所属的商户号，或改用该商户的私钥',
    ],
    'certificate-expiring': ({ until }) => [
      `商户证书将于 ${until} 到期`,
      '在商户平台申请新证书，并更新 WECHATPAY_MERCHANT_SERIAL 和私钥',
    ],
    'certificate-expired': ({ until }) => [
      `商户证书已于 ${until} 到期`,
      '在商户平台申请新证书，并更新 WECHATPAY_MERCHANT_SERIAL 和私钥',
    ],
    'ledger-good': ({ engine, version }) => [`账本可写（${engine}，版本 ${version}）`],
    'ledger-new': ({ engine }) => [`还没有账本（${engine}），首次启动时创建`],
    'ledger-older': ({ engine, version, latest }) => [
      `账本（${engine}）版本为 ${version}，下次启动时升级到 ${latest}`,
    ],
    'ledger-busy': ({ why = '' }) => [
      `账本未能及时写入：${inChinese(why)}`,
      '找出占用账本的进程（例如卡住的应用）并结束它',
    ],
    'ledger-unusable': ({ why = '' }) => [
      `账本无法使用：${inChinese(why)}`,
      '请修正 DATABASE_URL、数据库服务器，或磁盘及其权限',
    ],
    'ledger-newer': ({ engine, version, latest }) => [
      `账本（${engine}）已被更新版本的应用使用：账本版本为 ${version}，本应用最高支持 ${latest}`,
      '请启动那个更新版本的应用；账本无法降级，只能把升级前的备份恢复到新账本',
    ],
    'backup-good': ({ at }) => [`最近一次用 npm run ledger 备份：${at}`],
    'backup-old': ({ at, days }) => [
      `最近一次用 npm run ledger 备份已是 ${days} 天前（${at}）`,
      '运行 npm run ledger -- backup 文件，最好每天一次，并把备份文件存到另一台机器；如果已改用其他备份方式，运行 npm run ledger -- forget-backup 即不再警告',
    ],
    'seal-key-missing': () => [
      '操作记录此前有签名，现在却没有密钥：记录照常保存，但不再封存',
      '请把 AUDIT_KEY_FILE 设为原来的密钥；改用新密钥也会恢复封存，但核对时须同时提供新旧两个公钥',
    ],
    'slack-away': ({ why = '', detail }) => [
      `无法连接 Slack：${away[why]}（${detail}）`,
      awayRemedy[why] ?? '',
    ],
    'slack-proxy': ({ proxy, detail }) => [
      `无法通过代理 ${proxy} 连接 Slack（${detail}）`,
      '检查 SLACK_PROXY 或 HTTPS_PROXY（HTTP 407 表示需要用户名和密码），以及代理是否放行 slack.com；SLACK_PROXY=none 表示不用代理',
    ],
    'slack-not-itself': ({ status, type }) => [
      `应答的不是 Slack（HTTP ${status}，${type}）`,
      '中间有代理或登录页：请让本机直接访问 slack.com，或修正 SLACK_API_URL',
    ],
    'slack-untold': ({ why = '' }) => [`Slack 未回答某项查询：${why}`, '请一分钟后重新检查'],
    'bot-token-good': ({ team, teamId, bot }) => [`工作区 ${team}（${teamId}）中 ${bot} 的 bot token`],
    'bot-token-refused': ({ code }) => [
      `Slack 拒绝 SLACK_BOT_TOKEN（${code}）`,
      '把应用安装到工作区，复制 “OAuth & Permissions” 中的 Bot User OAuth Token（xoxb-…）',
    ],
    'bot-token-of-person': () => [
      'SLACK_BOT_TOKEN 不是机器人的 token',
      '请复制以 xoxb- 开头的 Bot User OAuth Token',
    ],
    'scopes-good': () => ['manifest/manifest.json 中的权限（scope）都已授予'],
    'scopes-missing': ({ scopes }) => [
      `缺少权限（scope）：${scopes}`,
      '把 manifest/manifest.json 粘贴到 “App Manifest” 并保存，然后重新安装应用',
    ],
    'scopes-missing-optional': ({ scopes }) => [
      `缺少可选权限（scope）：${scopes}。缺少 :history 时，Slack 未确认送达的消息可能出现两次；缺少 files:write 时，报表不附 CSV 文件`,
      '把 manifest/manifest.json 粘贴到 “App Manifest” 并保存，然后重新安装应用',
    ],
    'app-token-good': () => ['Slack 接受用于 Socket Mode 的 SLACK_APP_TOKEN'],
    'app-token-refused': ({ code }) => [
      `Slack 拒绝 SLACK_APP_TOKEN（${code}）`,
      '在 “Basic Information” 中创建带 connections:write 的 app-level token（xapp-…），并开启 Socket Mode',
    ],
    'app-token-of-other-app': ({ app, bot }) => [
      `SLACK_APP_TOKEN 属于应用 ${app}，SLACK_BOT_TOKEN 属于 ${bot}：所有点击都收不到`,
      '请从同一个应用的设置中复制这两个 token',
    ],
    'signing-secret-unproven': () => [
      'SLACK_SIGNING_SECRET 是否正确：只有 Slack 的请求才能证明',
      '应用运行时执行 npm run doctor -- --press 加上您的 Slack 用户 ID',
    ],
    'press-good': ({ ms }) => [`运行中的应用回应了点击，用时 ${ms} ms`],
    'press-unsent': ({ person, code }) => [
      `无法向 ${person} 发送消息（${code}）`,
      '请填写此工作区成员的 ID（U…），并按 manifest/manifest.json 的权限安装应用',
    ],
    'press-unseen': ({ code }) => [
      `无法读取应用是否回应了点击（${code}）`,
      '请直接查看该消息：按钮消失即表示应用已回应',
    ],
    'press-unanswered': ({ person, seconds }) => [
      `${seconds} 秒内没有回应 ${person} 的点击`,
      '请先启动应用；使用 HTTP 时检查交互的请求地址和 SLACK_SIGNING_SECRET；使用 Socket Mode 时检查 SLACK_APP_TOKEN',
    ],
    'channel-good': (values) => [`应用已加入${channel(values)}`],
    'channel-missing': (values) => [
      `Slack 找不到${channel(values)}，或它是应用未加入的私密频道`,
      '修正策略中的频道 ID，或把应用邀请进该频道',
    ],
    'channel-not-joined': (values) => [
      `应用不在${channel(values)}中`,
      '在该频道输入 /invite @Withdraw Coupon',
    ],
    'channel-archived': (values) => [`${channel(values)}已归档`, '取消归档，或在策略中换一个频道'],
    'channel-shared': (values) => [
      `其他组织也能看到${channel(values)}`,
      '请在策略中改用未通过 Slack Connect 共享的频道',
    ],
    'channel-shared-alerts': (values) => [
      `其他组织也能看到${channel(values)}`,
      '请在策略中改用未通过 Slack Connect 共享的频道',
    ],
    'channel-read-only': (values) => [
      `应用不能在${channel(values)}发消息`,
      '调整该频道的发言权限，或在策略中换一个频道',
    ],
    'channel-unreadable': (values) => [
      `Slack 不允许应用查看${channel(values)}（${values.code}）`,
      '按 manifest/manifest.json 的权限重新安装应用',
    ],
    'alerts-unset': () => [
      '策略未设置告警频道：故障只会写入日志',
      '在策略中把 alerts 设为运维人员关注的频道',
    ],
    'second-consumer': ({ own, counted, apps }) => [
      `Slack 统计到 ${counted} 个 Socket Mode 连接，${apps === '1' ? '本应用只有' : `此账本上的 ${apps} 个应用进程共有`} ${own} 个`,
      '另有进程使用同一个 SLACK_APP_TOKEN，会分走一部分点击：请停掉它，或让它使用自己的 Slack 应用；如果它本应是副本，请为它设置同一个 DATABASE_URL',
    ],
    'groups-good': ({ count }) => [`策略中的 ${count} 个用户组都有成员`],
    'groups-need-plan': ({ groups }) => [
      `此工作区没有用户组（需要 Slack 付费版），而策略中有 ${groups}`,
      '请在策略中改为按成员 ID 或邮箱列出人员',
    ],
    'group-missing': ({ group }) => [
      `Slack 中没有用户组 ${group}`,
      '修正策略中的 ID：在 Slack 中打开该用户组，选择“复制群组 ID”',
    ],
    'group-disabled': ({ group, handle }) => [
      `用户组 @${handle}（${group}）已停用，其中没有人`,
      '在 Slack 中启用它，或从策略中删除',
    ],
    'group-empty': ({ group, handle }) => [
      `用户组 @${handle}（${group}）中没有人`,
      '在 Slack 中添加成员，或从策略中删除该用户组',
    ],
    'people-good': ({ count }) => [`策略中的 ${count} 个人员都是工作区成员`],
    'people-untold': () => [
      'Slack 未告知策略中部分人员的身份',
      '先解决本报告中 Slack 部分的问题，再重新检查',
    ],
    'person-missing': ({ person }) => [`Slack 中找不到 ${person}`, '修正策略中的成员 ID 或邮箱'],
    'person-without-role': ({ person, why = '' }) => [
      `${person} ${standings[why]}，因此没有任何角色`,
      '请从策略中删除此人',
    ],
    'nobody-requests': () => ['没有人可以申请发券', '在策略中把 roles.requesters 设为存在的人员或用户组'],
    'nobody-operates': () => [
      '没有运维人员：没有人能暂停发放，也没有人能核实结果不明的发放',
      '在策略中把 roles.operators 设为工作区成员',
    ],
    'quorum-good': ({ level = '', approvals }) => [`${levelName(level)}的审批人足够（需要 ${approvals} 人）`],
    'quorum-short': ({ level = '', approvals, reachable, approvers }) => [
      `${levelName(level)}的审批人不足：需要 ${approvals} 人，能审批的有 ${reachable} 人（${approvers || '未设置'}）`,
      '在策略或用户组中增加审批人，或减少所需人数',
    ],
    'quorum-short-for-requester': ({ level = '', approvals, reachable, requester }) => [
      `${requester} 申请时${levelName(level)}的审批人不足：需要 ${approvals} 人，除申请人外能审批的只有 ${reachable} 人`,
      '请再增加一名审批人',
    ],
    'wechatpay-away': ({ why = '', detail }) => [
      `无法连接微信支付：${away[why]}（${detail}）`,
      awayRemedy[why] ?? '',
    ],
    'wechatpay-proxy': ({ proxy, detail }) => [
      `无法通过代理 ${proxy} 连接微信支付（${detail}）`,
      '检查 WECHATPAY_PROXY 或 HTTPS_PROXY（HTTP 407 表示需要用户名和密码），以及代理是否放行 api.mch.weixin.qq.com；WECHATPAY_PROXY=none 表示不用代理',
    ],
    'wechatpay-not-itself': ({ status, type }) => [
      `应答的不是微信支付（HTTP ${status}，${type}）`,
      '中间有代理或登录页：请让本机直接访问 api.mch.weixin.qq.com，或修正 WECHATPAY_BASE_URL',
    ],
    'wechatpay-first-host-away': ({ host, why = '', detail }) => [
      `${host} 无法连接（${away[why] ?? why}，${detail}），备用域名可用`,
      '检查防火墙：备用域名仅供应急',
    ],
    'wechatpay-untold': ({ why = '' }) => [`微信支付没有应答：${why}`, '请一分钟后重新检查'],
    'request-signature-good': ({ mchid }) => [`微信支付接受商户 ${mchid} 的签名`],
    'request-clock': () => ['微信支付因时间偏差拒绝了签名', '请校准本机时钟（NTP）'],
    'request-serial': () => [
      '微信支付不认识该商户的这个证书序列号',
      '在商户平台（账户中心 > API安全）核对 WECHATPAY_MCHID 和 WECHATPAY_MERCHANT_SERIAL：openssl x509 -in apiclient_cert.pem -noout -serial',
    ],
    'request-key': () => [
      '微信支付拒绝了签名：私钥与序列号对应的证书不符',
      '请使用该序列号所属证书的 apiclient_key.pem',
    ],
    'request-refused': ({ why = '' }) => [
      `微信支付拒绝了签名：${why}`,
      '检查 WECHATPAY_MCHID、WECHATPAY_MERCHANT_SERIAL、私钥和时钟，以及代理是否改动了 Authorization 请求头',
    ],
    'answers-good': () => ['微信支付的应答签名已通过验证'],
    'answers-untrusted': ({ fault = '', why, came, expected, stocks = '' }) => [
      `应答无法验签（${seen(came, expected) ?? why}）${stocks === '' ? '' : `，因此无法确认批次 ${stocks}`}`,
      trust[fault] ?? '',
    ],
    'answers-unproven': ({ why = '' }) => [
      `应答能否验签：没有收到带签名的应答（${why}）`,
      '先解决本报告中的其他问题，再重新检查',
    ],
    'public-key-id-refused': ({ why = '' }) => [
      `微信支付不接受用于验签的公钥 ID：${why}`,
      '以 WECHATPAY_MCHID 对应的商户登录商户平台（账户中心 > API安全），重新复制公钥 ID 填入 WECHATPAY_PUBLIC_KEY_ID',
    ],
    'certificates-refused': ({ why = '' }) => [
      `应答无法验签：${inChinese(why)}`,
      '重新复制该商户的 APIv3 密钥（账户中心 > API安全），或设置 WECHATPAY_PUBLIC_KEY_ID 和 WECHATPAY_PUBLIC_KEY_FILE',
    ],
    'stock-good': ({ stock, stockId }) => [`微信支付存在批次 ${stock}（${stockId}）`],
    'stock-untold': ({ stock, stockId, why }) => [
      `微信支付是否存在批次 ${stock}（${stockId}）：应答为 ${why}`,
      '执行 npm run doctor -- --openid 加上一位熟人的 openid',
    ],
    'stock-odd': ({ stock, stockId, why }) => [
      `微信支付是否存在批次 ${stock}（${stockId}）：应答为 ${why}`,
      '请重新检查；如果仍然如此，请向微信支付技术支持咨询该应答的含义',
    ],
    'stock-without-right': ({ stock, stockId, mchid }) => [
      `商户 ${mchid} 没有批次 ${stock}（${stockId}）的权限`,
      '请在商户平台（产品中心）开通银行提现免费券',
    ],
    'stock-appid': ({ stock, appid, mchid }) => [
      `批次 ${stock} 的 appid ${appid} 未与商户 ${mchid} 绑定`,
      '在商户平台（产品中心 > AppID账号管理）绑定，或修正 WECHATPAY_APPID 或策略',
    ],
    'stock-mchid': ({ stock, mchid }) => [
      `微信支付中没有批次 ${stock} 所属的商户 ${mchid}`,
      '修正策略中的 mchid 或 WECHATPAY_MCHID',
    ],
    'stock-missing': ({ stock, stockId, mchid }) => [
      `微信支付中没有商户 ${mchid} 的批次 ${stockId}（${stock}）`,
      '修正策略中的 stock_id（批次号），或用 mchid 写明创建它的商户',
    ],
    'lookup-good': () => ['自有的用户查询接口应答正常，签名正确'],
    'lookup-off': () => [
      '策略中的自有用户查询接口未启用：未设置 CUSTOMER_LOOKUP_SECRET',
      '请设置与该接口相同的密钥，或从策略中删除 customers.endpoint',
    ],
    'lookup-faulty': ({ detail, fault = '' }) => [
      `自有的用户查询接口不可用：${lookupFaults[fault] ?? `没有应答（${detail?.replace(/^(?:no answer: |it answered )/, '')}）`}`,
      lookups[fault] ?? '应答格式见 manifest/README.zh-CN.md',
    ],
    'check-failed': ({ check, why }) => [
      `检查项“${check}”自身失败（${why}）`,
      '请重新检查；如果仍然失败，请查看日志',
    ],
  },
}

/** The remedy for each fault of answers. */
const trust: Readonly<Record<string, string>> = {
  'headers-stripped':
    '应答没有 Wechatpay-* 应答头：中间的代理删除了它们或代为应答；请让代理原样转发，或绕开代理',
  'headers-incomplete':
    'Wechatpay-* 应答头不完整或互相矛盾：中间的代理改动了它们；请让代理原样转发，或绕开代理',
  'switch-not-begun':
    '应答由平台证书签名，但只配置了微信支付公钥：请核对 WECHATPAY_PUBLIC_KEY_ID；如果无误，请在商户平台开始更换（微信支付公钥 > 开始更换），完成之前同时设置 WECHATPAY_APIV3_KEY',
  'public-key-missing':
    '应答由微信支付公钥签名，但只配置了平台证书：请设置 WECHATPAY_PUBLIC_KEY_ID 和 WECHATPAY_PUBLIC_KEY_FILE',
  'other-public-key': '应答由另一个微信支付公钥签名：请从商户平台重新复制公钥 ID 和 pub_key.pem',
  'unknown-certificate': '应答由未知的平台证书签名：请设置 WECHATPAY_APIV3_KEY，以便下载当前证书',
  'other-key':
    '序列号相符但签名不符：pub_key.pem 不是该 ID 的公钥（或属于其他商户），请重新下载；也可能是代理改动了应答',
  clock: '应答的签名时间与本机相差五分钟以上：请校准本机时钟',
}

/**
 * Translates what the ledger and the client say in English; an unknown text, such as a driver's own, stays as it is.
 */
const reasons: readonly (readonly [RegExp, string])[] = [
  [/^the ledger is locked by another process$/, '账本被另一个进程锁定'],
  [/^(.+) is a file, not a folder$/, '$1 是文件，不是文件夹'],
  [/^(.+) can't be written$/, '$1 无法写入'],
  [
    /^the PostgreSQL server of the ledger can not be used \((.+?)\): .*$/s,
    '账本的 PostgreSQL 服务器无法使用（$1）',
  ],
  [/^the platform certificates do not open: .*$/, '平台证书无法用 APIv3 密钥解密'],
  [
    /^none of the downloaded platform certificates is valid now: .*$/,
    '下载的平台证书目前都不在有效期内，请检查时钟',
  ],
  [/^the platform certificate that was given has expired: .*$/, '所填的平台证书已到期'],
  [/^WeChat Pay lists no platform certificate of RSA: .*$/, '微信支付没有返回 RSA 平台证书'],
]
function inChinese(why: string): string {
  const [form, says] = reasons.find(([form]) => form.test(why)) ?? []
  return form && says !== undefined ? why.replace(form, says) : why
}

function serviceName(service: string | undefined): string {
  return service === 'WeChat Pay' ? '微信支付' : ` ${service} `
}

/** Undefined for a finding of an older version, which said it in one text. */
function seen(came: string | undefined, expected: string | undefined): string | undefined {
  if (came === undefined) return undefined
  const signed = came === 'none' ? '没有签名' : `签名方 ${came}`
  return came === expected ? signed : `${signed}，应为 ${expected}`
}
