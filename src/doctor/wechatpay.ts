import type { Policy, Stock } from '../domain/policy.ts'
import { stockRefOf } from '../domain/wechatpay-ids.ts'
import {
  NoAnswerError,
  RefusedError,
  SetupError,
  UntrustedAnswerError,
  type WechatPay,
  WechatPayError,
} from '../wechatpay/index.ts'
import { checkClock, type Exchanged } from './exchange.ts'
import { type Finding, type FindingCode, found } from './finding.ts'
import { type Instruments, MISSING, type Setup } from './setup.ts'

const HOSTS = ['https://api.mch.weixin.qq.com', 'https://api2.mch.weixin.qq.com']
/** Looks like an openid, but belongs to nobody. */
const NOBODY = 'oWithdrawCouponSignatureTest'
/** ms for one look-up. */
const LOOK_WITHIN = 10_000

/**
 * Checks that WeChat Pay can be reached, accepts what this app signs, signs what
 * this app can verify, and knows each stock.
 */
export async function checkWechatPay(setup: Setup, instruments: Instruments): Promise<Finding[]> {
  const reached = await checkHosts(setup, instruments)
  if (!reached.isThere) return reached.findings
  const { client } = instruments
  if (client === null) return reached.findings
  if (!setup.policy.ok)
    return [...reached.findings, ...(await checkWithoutStocks(client, setup.wechatpay.mchid))]
  return [...reached.findings, ...(await checkCalls(client, setup.policy.policy, instruments))]
}

/** Asks without a signature: the refusal is WeChat Pay's own, and has a date. */
async function checkHosts(
  { wechatpay: { baseUrls = HOSTS } }: Setup,
  { wechatpay: exchange, now }: Instruments,
): Promise<{ findings: Finding[]; isThere: boolean }> {
  const away: Extract<Exchanged, { kind: 'away' }>[] = []
  for (const origin of baseUrls) {
    const answer = await exchange({
      url: new URL('/v3/certificates', origin).href,
      headers: { accept: 'application/json', 'user-agent': 'withdraw-coupon doctor' },
    })
    if (answer.kind === 'away') {
      away.push(answer)
      continue
    }
    const type = answer.headers['content-type'] ?? ''
    if (answer.status >= 500)
      return { findings: [found('wechatpay-untold', { why: `HTTP ${answer.status}` })], isThere: true }
    if (answer.json === undefined)
      return {
        findings: [found('wechatpay-not-itself', { status: answer.status, type: type || '–' })],
        isThere: false,
      }
    const first = away[0]
    const findings = first
      ? [found('wechatpay-first-host-away', { host: baseUrls[0] ?? '', ...told(first) })]
      : []
    return { findings: [...findings, ...checkClock('WeChat Pay', answer, now())], isThere: true }
  }
  const [first] = away
  const code = first?.why === 'proxy' ? 'wechatpay-proxy' : 'wechatpay-away'
  return { findings: first ? [found(code, told(first))] : [], isThere: false }
}

function told({ why, detail, proxy }: Extract<Exchanged, { kind: 'away' }>) {
  return { why, detail, proxy: proxy ?? '' }
}

/** What the look-up of one stock has shown. */
interface Shown {
  request: Finding | null
  answers: Finding | null
  /** The fault that leaves the other fields unknown. */
  untrusted?: UntrustedAnswerError
  stock: Finding | null
}

/** Looks up a user's coupons of each stock: a GET, which changes nothing. */
async function checkCalls(client: WechatPay, policy: Policy, instruments: Instruments): Promise<Finding[]> {
  // The settings report the ids that they lack.
  const known = policy.stocks.filter(({ mchid, appid }) => mchid !== MISSING && appid !== MISSING)
  const stocks = [...new Map(known.map((stock) => [`${stockRefOf(stock)} ${stock.appid}`, stock])).values()]
  const shown: Shown[] = []
  const untold: string[] = []
  for (const stock of stocks) {
    const one = await lookUp(client, stock, await instruments.openidFor(stock.appid))
    shown.push(one)
    if (one.untrusted) untold.push(stock.key)
    // A refusal that holds for every call needs no second one.
    if (one.request && one.request.code !== 'request-signature-good') break
  }
  const request = shown.find((one) => one.request)?.request
  const answers = await answersOf(shown, client, untold.join(', '))
  return [
    ...(request ? [request] : []),
    ...(answers ? [answers] : []),
    ...shown.flatMap(({ stock }) => stock ?? []),
  ]
}

/** Asks for the certificates, which belong to no stock: all that an incomplete set-up can show. */
async function checkWithoutStocks(client: WechatPay, mchid: string): Promise<Finding[]> {
  const good = found('request-signature-good', { mchid })
  try {
    await client.prove(undefined, { timeout: LOOK_WITHIN })
    return [good, found('answers-good')]
  } catch (error) {
    if (error instanceof UntrustedAnswerError) return [untrusted(error, '')]
    if (error instanceof SetupError && error.scope === 'all') return [refusalOfAll(error)]
    return [found('answers-unproven', { why: whyOf(error) })]
  }
}

/**
 * A bad answer says more than a good one. If no answer was signed, ask for the
 * certificates: every merchant may read them.
 */
async function answersOf(
  shown: readonly Shown[],
  client: WechatPay,
  untold: string,
): Promise<Finding | null> {
  const fault = shown.find((one) => one.untrusted)?.untrusted
  if (fault) return untrusted(fault, untold)
  const told = shown.flatMap(({ answers }) => answers ?? [])
  const known = told.find(({ code }) => code !== 'answers-good') ?? told[0]
  const isRefused = shown.some(({ request }) => request && request.code !== 'request-signature-good')
  if (known || isRefused) return known ?? null
  try {
    await client.prove(undefined, { timeout: LOOK_WITHIN })
    return found('answers-good')
  } catch (error) {
    if (error instanceof UntrustedAnswerError) return untrusted(error, '')
    return found('answers-unproven', { why: whyOf(error) })
  }
}

async function lookUp(client: WechatPay, stock: Stock, openid: string | null): Promise<Shown> {
  const { key, mchid, appid, stockId: stock_id } = stock
  const about = { stock: key, stockId: stock_id, mchid, appid }
  const good = found('request-signature-good', { mchid })
  try {
    await client.v3.marketing.withdrawFavor.users._openid_.coupons.get({
      openid: openid ?? NOBODY,
      query: { mchid, appid, stock_id, limit: 1 },
      timeout: LOOK_WITHIN,
    })
    return { request: good, answers: found('answers-good'), stock: found('stock-good', about) }
  } catch (error) {
    const why = whyOf(error)
    const answers = error instanceof WechatPayError && error.isVerified ? found('answers-good') : null
    // Not even the request counts as accepted: anybody could have sent this answer.
    if (error instanceof UntrustedAnswerError)
      return { request: null, answers: null, untrusted: error, stock: null }
    if (error instanceof SetupError && error.scope === 'all') {
      const refusal = refusalOfAll(error)
      return OF_ANSWERS.includes(refusal.code)
        ? { request: null, answers: refusal, stock: null }
        : { request: refusal, answers, stock: null }
    }
    if (error instanceof SetupError || error instanceof RefusedError)
      return { request: good, answers, stock: found(stockCode(error, openid !== null), { ...about, why }) }
    if (error instanceof NoAnswerError)
      return { request: null, answers, stock: found('wechatpay-untold', { why }) }
    return { request: good, answers, stock: found('stock-odd', { ...about, why }) }
  }
}

/** @param stocks keys of the stocks that therefore can't be judged */
function untrusted(error: UntrustedAnswerError, stocks: string): Finding {
  const { seen, remedy, why } = error
  return found('answers-untrusted', { ...seen, remedy, why, stocks })
}

/** These refusals are about what verifies answers, not about what the merchant signs. */
const OF_ANSWERS: readonly FindingCode[] = ['certificates-refused', 'public-key-id-refused']

/**
 * Says why every call is refused: because of the merchant's signature, the key that
 * should sign the answers, or the certificates.
 */
function refusalOfAll(error: SetupError): Finding {
  // A PARAM_ERROR about a header names the field.
  if (error.code === 'PARAM_ERROR' && /wechatpay-serial/i.test(error.why))
    return found('public-key-id-refused', { why: error.why })
  const isOfCertificates = error.status === undefined || error.cause !== undefined
  return isOfCertificates && error.status !== 401
    ? found('certificates-refused', { why: error.message })
    : signatureFinding(error.why)
}

function whyOf(error: unknown): string {
  return error instanceof WechatPayError ? error.why : error instanceof Error ? error.name : String(error)
}

/** Goes by the message of the 401: nothing else tells the causes apart. */
function signatureFinding(why: string): Finding {
  if (/timestamp|时间/.test(why)) return found('request-clock', { why })
  if (/序列号|serial/i.test(why)) return found('request-serial', { why })
  // The header as a whole is missing, for example because a proxy removes it.
  if (/Authorization/.test(why)) return found('request-refused', { why })
  if (/签名|sign/i.test(why)) return found('request-key', { why })
  return found('request-refused', { why })
}

function stockCode({ code }: WechatPayError, isSomebody: boolean) {
  switch (code) {
    case 'NO_AUTH':
    case 'NOAUTH':
      return 'stock-without-right'
    case 'APPID_MCHID_NOT_MATCH':
      return 'stock-appid'
    case 'MCH_NOT_EXISTS':
      return 'stock-mchid'
    case 'RESOURCE_NOT_EXISTS':
      return 'stock-missing'
    case 'INVALID_REQUEST':
      // The sibling API answers this to an openid of another appid. For
      // nobody's openid it says nothing about the stock.
      return isSomebody ? 'stock-appid' : 'stock-untold'
    default:
      return isSomebody ? 'stock-odd' : 'stock-untold'
  }
}
