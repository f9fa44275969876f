import type { ConfigWords, Values } from './index.ts'

const tokens: Readonly<Record<string, string>> = {
  bot: ' bot token',
  app: ' app-level token',
  user: '用户的 token',
  configuration: '用于配置或轮换的 token',
}
const shown = (value: Values[string] = '') => (value ? `现为 ${value}` : '是其他内容（可能是机密，不予显示）')
const path = (path: Values[string] = '') => path || '路径可能是机密，不予显示'

const MAKE_AUDIT_KEY = '生成一个：openssl genpkey -algorithm ed25519 -out audit-key.pem'

export const zhCN: ConfigWords = {
  problems: {
    'not-set': () => ['未设置'],
    'both-set': ({ other }) => [`与 ${other} 同时设置了`, '保留其中一个'],
    'key-for-path': ({ variable }) => ['应为文件路径，却是密钥', `将密钥填入 ${variable}，或写其文件路径`],
    'empty-file': (values) => [`所指的文件为空：${path(values.path)}`, '检查路径'],
    'unreadable-file': ({ code, ...values }) => [
      `所指的文件无法读取：${path(values.path)}${code}`,
      '检查路径和读取权限',
    ],
    'unreadable-audit-key': ({ path, code }) => [
      `所指的文件无法读取：${path} (${code})`,
      `检查读取权限，或${MAKE_AUDIT_KEY}`,
    ],
    'not-an-audit-key': ({ path }) => [`所指的文件中没有 Ed25519 私钥：${path}`, `请${MAKE_AUDIT_KEY}`],

    'not-one-of': ({ value, known }) => [shown(value), `请写以下之一：${known}`],
    'not-in-range': ({ value, min, max }) => [shown(value), `请写 ${min} 到 ${max} 的整数`],
    'other-token': ({ kind = '', variable }, usual) => [
      `看起来是${tokens[kind]}`,
      variable ? `请将它填入 ${variable}；${usual}` : usual,
    ],
    'not-a-token': () => ['格式不对'],
    'is-a-token': () => ['看起来是 token'],
    'not-base64': () => ['不是 base64'],
    'short-secret': () => ['不足 24 字节'],
    'has-password': () => ['地址中含有用户名或密码', '请删除'],
    'not-encrypted': () => ['未加密', '请写 https 地址；只有 127.0.0.1 可用 http'],
    'not-https': () => ['不是 https 地址', '请写完整地址，以 https:// 开头'],
    'more-than-a-host': () => ['除主机外还有其他内容', '请删除路径和参数'],
    'not-a-proxy': ({ variable }) => [
      '不是 HTTP 代理的地址',
      `请写 http://host:port（代理本身使用 TLS 时写 https://）或 http://user:password@host:port，密码中的 @ / # 等字符写作 %40 %2F %23；不用代理时设置 ${variable}=none`,
    ],
    'not-a-host': () => ['不是地址'],
    'not-a-database': () => ['既不是 file: 路径，也不是 postgres:// 地址'],
    'not-an-address': () => [
      '不是 postgres://user:password@host:5432/database 形式的地址',
      '密码中的 @ / # 等字符写作 %40 %2F %23',
    ],
    'unknown-sslmode': () => [
      '写有应用不支持的 sslmode=…',
      '请写 sslmode=verify-full 或删除；写 sslmode=disable 则全部明文传输',
    ],
    'unclear-ssl': () => ['写有 ssl=…，含义不明', '写 sslmode=disable 则全部明文传输，或删除'],
    'no-file': () => ['没有写明文件：发放记录必须在重启后仍然存在'],
    'two-addresses': () => ['写了两个地址'],
    'more-than-a-path': () => ['除路径外还有其他内容'],
    'other-machine': () => ['指向另一台机器', '绝对路径请写作 file:/var/lib/ledger.sqlite'],
    'not-a-merchant-id': () => ['不是商户号的格式'],
    'not-an-appid': () => ['不是 appid 的格式'],
    'not-a-serial': () => ['不是序列号：应为 8 到 40 位十六进制数字'],
    'not-a-private-key': () => [
      '是证书或公钥',
      '请使用 apiclient_key.pem，而不是 apiclient_cert.pem 或 pub_key.pem',
    ],
    'not-a-public-key': () => ['是私钥', '请使用微信支付提供的 pub_key.pem'],
    'not-32-bytes': ({ bytes }) => [`有 ${bytes} 字节，应为 32 字节`],

    'two-transports': () => ['未设置，而 SLACK_APP_TOKEN 和 SLACK_SIGNING_SECRET 都已设置'],
    'no-transport': (_, usual) => ['未设置', `${usual}；如果使用 HTTP，请设置 SLACK_SIGNING_SECRET`],
    'not-set-for-transport': ({ transport }) => [`未设置，而 SLACK_TRANSPORT 为 ${transport}`],
    'no-trust': () => [
      '未设置，WECHATPAY_APIV3_KEY 也未设置',
      '请设置 WECHATPAY_PUBLIC_KEY_ID 和 WECHATPAY_PUBLIC_KEY_FILE（pub_key.pem），或 WECHATPAY_APIV3_KEY：否则无法验证微信支付的应答',
    ],
    'not-set-beside': ({ other }) => [`未设置，而 ${other} 已设置`],
    'cut-off-key-id': () => [
      '没有以 PUB_KEY_ID_ 开头，而公钥 ID 都以此开头',
      '请从商户平台完整复制公钥 ID，包括 PUB_KEY_ID_',
    ],
    'not-a-key-id': () => [
      '不是 PUB_KEY_ID_… 的格式',
      '请从商户平台复制公钥 ID；使用平台证书时，填写证书序列号',
    ],
    'first-line-of-file': () => ['只有密钥的第一行', '请重新复制文件，包括所有行'],
    'first-line-only': ({ variable }) => [
      '只有密钥的第一行',
      `请给所有行加上引号，或用 ${variable}_FILE 写明其文件`,
    ],
  },
  variables: {
    SLACK_BOT_TOKEN: '从 Slack 应用的 “OAuth & Permissions” 复制 Bot User OAuth Token（xoxb-…）',
    SLACK_APP_TOKEN:
      '从 Slack 应用的 “Basic Information” 复制带 connections:write 权限的 app-level token（xapp-…）',
    SLACK_SIGNING_SECRET: '从 Slack 应用的 “Basic Information” 复制 Signing Secret',
    SLACK_TRANSPORT: '请写 socket 或 http，或删除两者之一',
    WECHATPAY_MCHID: '从商户平台（pay.weixin.qq.com）复制商户号，例如 1230000109',
    WECHATPAY_APPID: '填写 openid 所属的 appid：wx 加 16 位字母和数字',
    WECHATPAY_MERCHANT_SERIAL: '运行 openssl x509 -in apiclient_cert.pem -noout -serial 查看',
    WECHATPAY_PRIVATE_KEY:
      '将 WECHATPAY_PRIVATE_KEY_FILE 设为 apiclient_key.pem 的路径，或将其内容填入此变量',
    WECHATPAY_PUBLIC_KEY_ID: '从商户平台复制公钥 ID（PUB_KEY_ID_…）',
    WECHATPAY_PUBLIC_KEY: '将 WECHATPAY_PUBLIC_KEY_FILE 设为 pub_key.pem 的路径',
    WECHATPAY_APIV3_KEY: '填写在商户平台设置的 APIv3 密钥',
    CUSTOMER_LOOKUP_SECRET:
      "运行 node -p \"'whsec_' + crypto.randomBytes(32).toString('base64')\" 生成，并在自有查询接口设置同一密钥",
    METRICS_HOST: '仅供本机访问时写 127.0.0.1；供本机所在的所有网络访问时写 0.0.0.0',
    DATABASE_URL: '请写 file:./data/ledger.sqlite 或 postgres://user:password@host/database',
  },
}
