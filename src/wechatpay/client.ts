import { errorOf, readAnswer, requestIdOf } from './answers.ts'
import { type PreparedCall, prepareCall } from './calls.ts'
import { certificatesAnswer, type PlatformCertificate, unlockCertificates } from './certificates.ts'
import { createChain, guarded, type WechatPay } from './chain.ts'
import { createDeadline, type Deadline } from './deadline.ts'
import { InvalidCallError } from './errors.ts'
import { ofCertificates, transportError, untrustedError } from './failures.ts'
import { isSameSerial } from './keys.ts'
import { readOptions, type WechatPayOptions } from './options.ts'
import { type CallOutcome, outcomeOf } from './outcomes.ts'
import { createPlatformKeys } from './platform-keys.ts'
import { withRepeats } from './repeats.ts'
import { type Call, type Method, routes } from './routes.ts'
import { createScrubber } from './scrubbing.ts'
import { createSigner, randomNonce } from './signing.ts'
import { createTransport, TransportFailure, type WireAnswer } from './transport.ts'
import { claimsSignature, faultOf, signatureOf } from './verification.ts'

const table: Record<string, Partial<Record<Method, Call>>> = routes
const CERTIFICATES: PreparedCall = {
  method: 'GET',
  path: 'v3/certificates',
  target: '/v3/certificates',
  body: '',
  openid: undefined,
  signal: undefined,
  timeout: undefined,
  answer: certificatesAnswer,
}

/**
 * Makes a client of WeChat Pay's API v3 that signs what it sends and believes only what WeChat Pay signed.
 *
 * A POST is one attempt: whatever goes wrong comes back as an error that says whether it may have been executed.
 * A GET is tried up to three times within its time.
 *
 * @throws SetupError that names every wrong option at once
 */
export function createWechatPay(options: WechatPayOptions): WechatPay {
  const settings = readOptions(options)
  const { mchid, merchantSerial, merchantKey, given, apiv3Key, origins, timeouts, userAgent } = settings
  const { now = Date.now, nonce = randomNonce, logger, proxy, dispatcher, onCall } = options
  const scrub = createScrubber([options.privateKey, apiv3Key ?? ''])
  const signed = createSigner({ mchid, serial: merchantSerial, key: merchantKey, now, nonce })
  const transport = createTransport({ origins, timeouts, proxy, dispatcher })
  const download = apiv3Key === undefined ? undefined : () => downloadCertificates(apiv3Key)
  const keys = createPlatformKeys({ given, download, now, logger })
  const closing = new AbortController()
  const running = new Set<Promise<unknown>>()

  /** One request and its answer, nothing of it believed yet. */
  async function exchange(
    call: PreparedCall,
    serial: string | undefined,
    deadline: Deadline,
  ): Promise<WireAnswer> {
    const headers: Record<string, string> = {
      Accept: 'application/json',
      // Without it any coding may be sent, and the signature is over what was there before the coding.
      'Accept-Encoding': 'identity',
      'User-Agent': userAgent,
      Authorization: await signed(call.method, call.target, call.body),
    }
    if (serial !== undefined) headers['Wechatpay-Serial'] = serial
    if (call.body !== '') headers['Content-Type'] = 'application/json'
    try {
      return await transport.send(
        { method: call.method, target: call.target, headers, body: call.body },
        deadline,
      )
    } catch (error) {
      throw error instanceof TransportFailure ? transportError(error, call, scrub) : error
    }
  }

  /** Throws unless WeChat Pay signed these bytes just now; looks for new certificates if the serial is unknown. */
  async function believe(answer: WireAnswer, call: PreparedCall, deadline: Deadline): Promise<void> {
    const signature = signatureOf(answer.headers)
    if (!signature) throw untrustedError('headers', answer, call, scrub)
    const key = keys.find(signature.serial) ?? (await deadline.inTime(keys.findAnew(signature.serial)))
    if (!key) throw untrustedError('serial', answer, call, scrub)
    const fault = faultOf(signature, answer.body, key, now())
    if (fault) throw untrustedError(fault, answer, call, scrub)
  }

  async function attempt(call: PreparedCall, deadline: Deadline): Promise<unknown> {
    const known = keys.serial()
    const serial = typeof known === 'string' ? known : await deadline.inTime(known)
    if (serial === undefined || deadline.over) {
      throw transportError(new TransportFailure(deadline.over ?? 'timeout', false), call, scrub)
    }
    const answer = await exchange(call, serial, deadline)
    const isGood = answer.status >= 200 && answer.status < 300
    const mustVerify = isGood || claimsSignature(answer.headers)
    if (mustVerify) await believe(answer, call, deadline)
    if (!isGood) throw errorOf(answer, call, scrub, mustVerify)
    const { data, dropped } = readAnswer(answer, call.answer, call, scrub, true)
    if (logger) {
      const fields = {
        method: call.method,
        path: call.path,
        status: answer.status,
        requestId: requestIdOf(answer, call, scrub),
      }
      if (dropped.length > 0) logger.warn({ ...fields, dropped }, 'fields of an answer could not be read')
      logger.debug(fields, 'answered by WeChat Pay')
    }
    return data
  }

  async function run(call: PreparedCall): Promise<unknown> {
    const deadline = createDeadline(call.timeout ?? timeouts.total, call.signal)
    try {
      if (call.method === 'POST') return await attempt(call, deadline)
      return await withRepeats(() => attempt(call, deadline), deadline)
    } finally {
      deadline.end()
    }
  }

  async function downloadCertificates(apiv3Key: string): Promise<PlatformCertificate[]> {
    const deadline = createDeadline(timeouts.total, closing.signal)
    try {
      return await withRepeats(() => certificatesOnce(apiv3Key, deadline), deadline)
    } finally {
      deadline.end()
    }
  }

  /**
   * The first download has no key to be verified with: it is verified by the certificates that it brings, which only
   * someone who has the APIv3 key could lock. Refusals are read unverified, since nothing is lost by believing them.
   */
  async function certificatesOnce(apiv3Key: string, deadline: Deadline): Promise<PlatformCertificate[]> {
    const answer = await exchange(CERTIFICATES, keys.current(), deadline)
    if (answer.status < 200 || answer.status > 299) {
      throw ofCertificates(errorOf(answer, CERTIFICATES, scrub))
    }
    const signature = signatureOf(answer.headers)
    if (!signature) throw untrustedError('headers', answer, CERTIFICATES, scrub)
    const { data } = readAnswer(answer, certificatesAnswer, CERTIFICATES, scrub, false)
    const certificates = unlockCertificates(data, apiv3Key)
    const brought = certificates.find(({ serial }) => isSameSerial(serial, signature.serial))
    const key = keys.find(signature.serial) ?? brought?.key
    if (!key) throw untrustedError('serial', answer, CERTIFICATES, scrub)
    const fault = faultOf(signature, answer.body, key, now())
    if (fault) throw untrustedError(fault, answer, CERTIFICATES, scrub)
    return certificates
  }

  async function call(path: string, method: string, input: unknown): Promise<unknown> {
    const row = Object.hasOwn(table, path) ? table[path] : undefined
    if (!row) {
      const known = Object.keys(table).join(', ')
      throw new InvalidCallError(`no endpoint ${withoutValues(path)}; there are: ${known}`)
    }
    const known = row[method as Method]
    if (!known) throw new InvalidCallError(`${path} has no ${method}; it has: ${Object.keys(row).join(', ')}`)
    if (closing.signal.aborted) throw new InvalidCallError('the client is closed')
    const prepared = prepareCall(path, method as Method, known, input, scrub)
    const began = performance.now()
    const ended = (outcome: CallOutcome) =>
      onCall?.({ method: prepared.method, outcome, ms: performance.now() - began })
    const work = run(prepared)
    running.add(work)
    try {
      const answer = await work
      ended('answered')
      return answer
    } catch (error) {
      ended(outcomeOf(error))
      throw error
    } finally {
      running.delete(work)
    }
  }

  async function prepare(): Promise<void> {
    await keys.serial()
  }

  let closed: Promise<void> | undefined
  function close(): Promise<void> {
    closed ??= shutDown()
    return closed
  }

  async function shutDown(): Promise<void> {
    closing.abort()
    keys.close()
    await Promise.allSettled(running)
    await transport.close()
  }

  const { tree, byPath, chain } = createChain(
    Object.keys(table),
    (path) => Object.keys(table[path] ?? {}),
    call,
  )
  return guarded({ ...tree, ...byPath, chain, prepare, close }, '', call) as unknown as WechatPay
}

/** A path that was filled in by hand holds an openid, so only what looks like a word of the API is repeated. */
function withoutValues(path: string): string {
  const isWord = (segment: string) => /^([a-z-]{1,24}|v\d|\{\w{1,24}\})$/.test(segment)
  return path
    .split('/')
    .slice(0, 20)
    .map((segment) => (isWord(segment) ? segment : '…'))
    .join('/')
}
