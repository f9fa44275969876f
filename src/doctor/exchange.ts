import { type Dispatcher, request } from 'undici'
import { causesOf, createConnections, proxyOf, type WebProxy } from '../web-proxy.ts'
import { type Finding, found } from './finding.ts'

/** Where an exchange without an answer failed. */
export type AwayWhy = 'dns' | 'refused' | 'timeout' | 'tls' | 'network' | 'proxy'

export type Exchanged =
  | { kind: 'answer'; status: number; headers: Readonly<Record<string, string>>; text: string; json: unknown }
  /** `detail`: Node's code or message. `proxy`: the proxy in use, if any. */
  | { kind: 'away'; why: AwayWhy; detail: string; proxy: string | null }

/** Sends a request to a service, once, and says why no answer came. */
export type Exchange = (asked: {
  url: string
  method?: 'GET' | 'POST'
  headers?: Record<string, string>
  body?: string
}) => Promise<Exchanged>

/** ms for a connection, and for the whole answer. */
const CONNECT_WITHIN = 5000
const ANSWER_WITHIN = 10_000
/** Bytes: an API's answer is never longer. */
const LONGEST = 4 * 1024 * 1024

/** Sends requests over connections of its own, so that a check neither waits for the app's calls nor delays them. */
export function createExchange(proxy: WebProxy | undefined): { exchange: Exchange; close(): Promise<void> } {
  const { dispatcher, destroy } = createConnections({
    connect: CONNECT_WITHIN,
    eachAddress: CONNECT_WITHIN / 2,
    proxy,
  })
  return {
    exchange: async (asked) => {
      try {
        return await send(asked, dispatcher)
      } catch (error) {
        return away(error, proxyOf(proxy, asked.url))
      }
    },
    close: destroy,
  }
}

async function send(
  { url, method = 'GET', headers = {}, body }: Parameters<Exchange>[0],
  dispatcher: Dispatcher,
): Promise<Exchanged> {
  const answer = await request(url, {
    method,
    headers,
    dispatcher,
    signal: AbortSignal.timeout(ANSWER_WITHIN),
    ...(body === undefined ? {} : { body }),
  })
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of answer.body) {
    size += chunk.length
    if (size > LONGEST) throw new Error('the answer is longer than any should be')
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString()
  const flat = Object.entries(answer.headers).map(([name, value]) => [name, String(value)])
  return {
    kind: 'answer',
    status: answer.statusCode,
    headers: Object.fromEntries(flat),
    text,
    json: parseJson(text),
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function away(error: unknown, proxy: string | null): Exchanged {
  const codes: string[] = []
  let words = ''
  for (const one of causesOf(error)) {
    const { code } = one as { code?: unknown }
    if (typeof code === 'string') codes.push(code)
    words = one.message || words
  }
  const why = whyAway(`${codes.join(' ')} ${words}`, proxy !== null)
  // If a proxy lets nothing through, its status says more than the closed connection does.
  const status = /Proxy response \((\d{3})\)/.exec(words)?.[1]
  const detail = status === undefined ? (codes.at(-1) ?? words.slice(0, 200)) : `HTTP ${status}`
  return { kind: 'away', why, detail, proxy }
}

function whyAway(said: string, isProxied: boolean): AwayWhy {
  // The proxy's own message, or an error that can only come from the proxy, which looks up the host's name itself.
  if (/proxy|tunnel/i.test(said)) return 'proxy'
  // The proxy opened a tunnel, and something that does not speak TLS answers in it, such as a login page.
  if (isProxied && /WRONG_VERSION_NUMBER|PACKET_LENGTH|EPROTO/.test(said)) return 'proxy'
  if (/TLS|SSL|CERT|SIGNED|UNABLE_TO|EPROTO/.test(said)) return 'tls'
  const why = /ENOTFOUND|EAI_AGAIN/.test(said)
    ? 'dns'
    : /ECONNREFUSED/.test(said)
      ? 'refused'
      : /TIMEOUT|ETIMEDOUT|timeout|aborted/i.test(said)
        ? 'timeout'
        : 'network'
  return isProxied && (why === 'dns' || why === 'refused') ? 'proxy' : why
}

/** Seconds by which the clock here is ahead of the answer's date; null: the answer has no date. */
function secondsAhead({ headers }: { headers: Readonly<Record<string, string>> }, now: number) {
  const dated = Date.parse(headers.date ?? '')
  return Number.isNaN(dated) ? null : Math.round((now - dated) / 1000)
}

/**
 * Seconds. WeChat Pay refuses requests signed more than five minutes off its own time;
 * Slack's triggers live for three seconds.
 */
const WARN_FROM = 60
const BLOCKS_FROM = 240

/** How far the clock is off, by an answer's date; no finding if it has none. */
export function checkClock(
  service: 'Slack' | 'WeChat Pay',
  answer: { headers: Readonly<Record<string, string>> },
  now: number,
): Finding[] {
  const seconds = secondsAhead(answer, now)
  if (seconds === null) return []
  const off = Math.abs(seconds)
  const values = { service, seconds: off, direction: seconds < 0 ? 'behind' : 'ahead' }
  if (off >= BLOCKS_FROM) return [found('clock-wrong', values)]
  return [found(off >= WARN_FROM ? 'clock-off' : 'clock-good', values)]
}
