import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import type { LedgerState } from '../ledger/ledger.ts'
import { readMerchantKey } from '../wechatpay/index.ts'
import { type Finding, found } from './finding.ts'
import type { Instruments, Setup } from './setup.ts'

const LEAST_NODE = 24
const DAY = 24 * 3_600_000
/** ms; the merchant platform warns equally early. */
const EXPIRES_SOON = 30 * DAY
/** ms: a week, the longest that people leave between backups, plus a day for one that runs late. */
const BACKUP_OLD = 8 * DAY

export function checkNode({ node }: Instruments): Finding[] {
  const isOld = Number(node.split('.')[0]) < LEAST_NODE
  return [found(isOld ? 'node-old' : 'node-good', { version: node, least: LEAST_NODE })]
}

export function checkSettings({ problems }: Setup): Finding[] {
  if (problems.length === 0) return [found('settings-good')]
  return problems.map(({ variable, problem, remedy }) =>
    found('settings-wrong', { variable, problem, remedy }),
  )
}

export function checkPolicy({ policy }: Setup): Finding[] {
  if (!policy.ok) return policy.mistakes.map((told) => found('policy-wrong', { ...told }))
  const { stocks, hash } = policy.policy
  return [found('policy-good', { stocks: stocks.length, version: hash.slice(0, 12) })]
}

/** What the keys show without asking a service. No finding if they are not set: the settings report that. */
export function checkKeys({ wechatpay }: Setup, { keyProblems, now }: Instruments): Finding[] {
  if (wechatpay.privateKey === '') return []
  if (keyProblems.length > 0) return keyProblems.map((problem) => found('keys-wrong', problem))
  return [found('keys-good'), ...checkCertificate(wechatpay, now())]
}

/**
 * The app needs only the serial number of the merchant's certificate; the file beside
 * the key shows whether all of them match.
 */
function checkCertificate(
  { certificate: text, privateKey, merchantSerial, mchid }: Setup['wechatpay'],
  now: number,
): Finding[] {
  if (text === undefined) return [found('certificate-absent')]
  let certificate: X509Certificate
  let key: KeyObject
  try {
    certificate = new X509Certificate(text)
    key = readMerchantKey(privateKey)
  } catch {
    return [found('certificate-unreadable')]
  }
  const serial = certificate.serialNumber.toUpperCase()
  const until = certificate.validToDate.getTime()
  const values = { serial, until: certificate.validToDate.toISOString().slice(0, 10) }
  if (!certificate.publicKey.equals(createPublicKey(key))) return [found('certificate-of-other-key', values)]
  if (plain(serial) !== plain(merchantSerial))
    return [found('certificate-of-other-serial', { ...values, given: merchantSerial })]
  // The common name of its subject is the merchant's id.
  const owner = /^CN=([0-9A-Za-z]+)$/m.exec(certificate.subject)?.[1]
  if (owner !== undefined && mchid !== '' && owner !== mchid)
    return [found('certificate-of-other-merchant', { ...values, owner, given: mchid })]
  if (now >= until) return [found('certificate-expired', values)]
  return [found(until - now < EXPIRES_SOON ? 'certificate-expiring' : 'certificate-good', values)]
}

function plain(serial: string): string {
  return serial.toUpperCase().replace(/^0+/, '')
}

export async function checkLedger(
  { hasAuditKey }: Pick<Setup, 'hasAuditKey'>,
  { ledger, now }: Instruments,
): Promise<Finding[]> {
  const state = await ledger()
  if (state === null) return []
  const isUnsealed = state.kind === 'good' && state.signedBy !== null && !hasAuditKey
  return [
    ledgerFinding(state),
    ...checkBackup(state, now()),
    ...(isUnsealed ? [found('seal-key-missing')] : []),
  ]
}

/** No finding if the tool has made no backup: backups made by other means can't be seen from here. */
function checkBackup(state: LedgerState, now: number): Finding[] {
  if (state.kind !== 'good' || state.backedUpAt === null) return []
  const values = { at: new Date(state.backedUpAt).toISOString().slice(0, 10) }
  const age = now - state.backedUpAt
  return [
    age > BACKUP_OLD
      ? found('backup-old', { ...values, days: Math.floor(age / DAY) })
      : found('backup-good', values),
  ]
}

function ledgerFinding(state: LedgerState): Finding {
  switch (state.kind) {
    case 'good': {
      const { engine, version, latest } = state
      return found(version < latest ? 'ledger-older' : 'ledger-good', { engine, version, latest })
    }
    case 'new':
      return found('ledger-new', { engine: state.engine })
    case 'busy':
      return found('ledger-busy', { why: state.why })
    case 'newer':
      return found('ledger-newer', { engine: state.engine, version: state.version, latest: state.latest })
    case 'unusable':
      return found('ledger-unusable', { why: state.why })
  }
}
