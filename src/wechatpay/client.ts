import { createScrubber, errorOf, readAnswer, requestIdOf } from './answers.ts'
import {
  type CallControl,
  createChain,
  guarded,
  type PreparedCall,
  type ProofInput,
  prepareCall,
  type WechatPay,
} from './chained-calls.ts'
import {
  type CallOutcome,
  InvalidCallError,
  NoAnswerError,
  outcomeOf,
  SetupError,
  UntrustedAnswerError,
  type UntrustedReason,
  WechatPayError,
} from './errors.ts'
import { ofCertificates, transportError, untrustedError, withRepeats } from './failures.ts'
import { isSameSerial } from './keys.ts'
import { readOptions, type WechatPayOptions } from './options.ts'
import {
  certificatesAnswer,
  createPlatformKeys,
  type PlatformCertificate,
  unlockCertificates,
} from './platform-keys.ts'
import { type Call, type Method, routes } from './routes.ts'
import { claimsSignature, createSigner, faultOf, randomNonce, signatureOf } from './signatures.ts'
import {
  createDeadline,
  createTransport,
  type Deadline,
  TransportFailure,
  type WireAnswer,
} from './transport.ts'

const table: Record<string, Partial<Record<Method, Call>>> = routes
const COUPONS = 'v3/marketing/withdraw-favor/users/{openid}/coupons'
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
 * Makes a client for WeChat Pay's API v3 that signs what it sends and trusts only what WeChat Pay signed.
 *
 * A POST is one attempt: any failure comes back as an error that says whether it may have been executed.
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
  const transport = createTransport({ origins, connect: timeouts.connect, proxy, dispatcher })
  const download = apiv3Key === undefined ? undefined : () => downloadCertificates(apiv3Key)
  const keys = createPlatformKeys({ given, download, now, logger })
  const closing = new AbortController()
  const running = new Set<Promise<unknown>>()
  /** How many answers were verified, and what was wrong with the last one that says anything about keys. */
  let verified = 0
  let lastFault: WechatPayError | undefined

  /** One request and its answer, nothing of which is trusted yet. */
  async function exchange(
    call: PreparedCall,
    serial: string | undefined,
    deadline: Deadline,
  ): Promise<WireAnswer> {
    const headers: Record<string, string> = {
      Accept: 'application/json',
      // Otherwise WeChat Pay may send any coding, while the signature covers what was there before the coding.
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

  function untrusted(reason: UntrustedReason, answer: WireAnswer, call: PreparedCall): UntrustedAnswerError {
    const hasPublicKey = given?.serial.startsWith('PUB_KEY_ID_') === true
    const expected = { serial: keys.current(), hasPublicKey, downloads: download !== undefined }
    return untrustedError(reason, answer, call, scrub, expected)
  }

  function noteVerified(): void {
    verified += 1
    lastFault = undefined
  }

  /** A failure that says nothing about keys, such as no answer or an unsigned one, leaves what is known. */
  function noteFailure(error: unknown): void {
    if (!(error instanceof WechatPayError) || error.isVerified) return
    if (error instanceof UntrustedAnswerError || (error instanceof SetupError && error.scope === 'all'))
      lastFault = error
  }

  /** Throws unless WeChat Pay signed these bytes just now; downloads certificates if the serial is unknown. */
  async function believe(answer: WireAnswer, call: PreparedCall, deadline: Deadline): Promise<void> {
    const signature = signatureOf(answer.headers)
    if (!signature) throw untrusted('headers', answer, call)
    const key = keys.find(signature.serial) ?? (await deadline.inTime(keys.findAnew(signature.serial)))
    if (!key) throw untrusted('serial', answer, call)
    const fault = faultOf(signature, answer.body, key, now())
    if (fault) throw untrusted(fault, answer, call)
    noteVerified()
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
    } catch (error) {
      noteFailure(error)
      throw error
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
   * The first download has no key to verify it with: the certificates in it verify it, and only an owner of the APIv3
   * key can have encrypted them. Refusals are read unverified, because believing them costs nothing.
   */
  async function certificatesOnce(apiv3Key: string, deadline: Deadline): Promise<PlatformCertificate[]> {
    const answer = await exchange(CERTIFICATES, keys.current(), deadline)
    if (answer.status < 200 || answer.status > 299) {
      throw ofCertificates(errorOf(answer, CERTIFICATES, scrub))
    }
    const signature = signatureOf(answer.headers)
    if (!signature) throw untrusted('headers', answer, CERTIFICATES)
    const { data } = readAnswer(answer, certificatesAnswer, CERTIFICATES, scrub, false)
    const certificates = unlockCertificates(data, apiv3Key)
    const brought = certificates.find(({ serial }) => isSameSerial(serial, signature.serial))
    const key = keys.find(signature.serial) ?? brought?.key
    if (!key) throw untrusted('serial', answer, CERTIFICATES)
    const fault = faultOf(signature, answer.body, key, now())
    if (fault) throw untrusted(fault, answer, CERTIFICATES)
    noteVerified()
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

  function trust(): { isProven: boolean; fault: WechatPayError | undefined } {
    return { isProven: verified > 0 && lastFault === undefined, fault: lastFault }
  }

  /**
   * The list of coupons comes first: a good answer to it is always signed. A refusal may not be, so the certificates,
   * which need no permissions, are asked for next.
   */
  async function prove(list: ProofInput | undefined, control: CallControl = {}): Promise<void> {
    const before = verified
    const certificates = () => run({ ...CERTIFICATES, signal: control.signal, timeout: control.timeout })
    let failure: unknown
    for (const ask of [list && (() => call(COUPONS, 'get', { ...list, ...control })), certificates]) {
      if (!ask) continue
      try {
        await ask()
      } catch (error) {
        failure = error instanceof UntrustedAnswerError ? error : (failure ?? error)
      }
      // A signed refusal proves as much, and so do certificates downloaded on the way.
      if (verified > before && lastFault === undefined) return
      if (!saysNothingOfKeys(failure)) break
    }
    throw failure ?? lastFault
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
  return guarded(
    { ...tree, ...byPath, chain, prepare, trust, prove, close },
    '',
    call,
  ) as unknown as WechatPay
}

/** Whether a failure says nothing about keys, so that another request may bring a signed answer. */
function saysNothingOfKeys(error: unknown): boolean {
  if (error instanceof NoAnswerError) return error.reason === 'server' || error.reason === 'busy'
  if (error instanceof SetupError) return error.scope === 'stock'
  return !(error instanceof UntrustedAnswerError)
}

/** A path that the caller filled in contains an openid, so only what looks like a word of the API is repeated. */
function withoutValues(path: string): string {
  const isWord = (segment: string) => /^([a-z-]{1,24}|v\d|\{\w{1,24}\})$/.test(segment)
  return path
    .split('/')
    .slice(0, 20)
    .map((segment) => (isWord(segment) ? segment : '…'))
    .join('/')
}
