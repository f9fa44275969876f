/** How much a finding matters. `unknown`: it could not be checked, and the finding says why. */
export type Level = 'ok' | 'unknown' | 'warning' | 'blocks'

/** The parts of a set-up, in the order of the report. */
export const parts = ['machine', 'settings', 'ledger', 'slack', 'people', 'wechatpay'] as const
export type Part = (typeof parts)[number]

/**
 * Everything that a check can find: how much it matters, the part of the set-up, and the step of "Connect it" in the
 * README that fixes it. Its words and its remedy are in `words/`.
 */
export const kinds = {
  'node-good': ['ok', 'machine', 10],
  'node-old': ['blocks', 'machine', 8],
  'clock-good': ['ok', 'machine', 10],
  'clock-off': ['warning', 'machine', 10],
  'clock-wrong': ['blocks', 'machine', 10],
  'settings-good': ['ok', 'settings', 8],
  'settings-wrong': ['blocks', 'settings', 8],
  'policy-good': ['ok', 'settings', 9],
  'policy-wrong': ['blocks', 'settings', 9],
  'keys-good': ['ok', 'settings', 6],
  'keys-wrong': ['blocks', 'settings', 6],
  'certificate-good': ['ok', 'settings', 6],
  'certificate-absent': ['unknown', 'settings', 6],
  'certificate-unreadable': ['warning', 'settings', 6],
  'certificate-of-other-key': ['blocks', 'settings', 6],
  'certificate-of-other-serial': ['blocks', 'settings', 6],
  'certificate-of-other-merchant': ['blocks', 'settings', 5],
  'certificate-expiring': ['warning', 'settings', 6],
  'certificate-expired': ['blocks', 'settings', 6],
  'ledger-good': ['ok', 'ledger', 8],
  'ledger-new': ['ok', 'ledger', 8],
  'ledger-older': ['ok', 'ledger', 8],
  'ledger-busy': ['warning', 'ledger', 8],
  'ledger-newer': ['blocks', 'ledger', 8],
  'ledger-unusable': ['blocks', 'ledger', 8],
  'backup-good': ['ok', 'ledger', 8],
  'backup-old': ['warning', 'ledger', 8],
  'seal-key-missing': ['warning', 'ledger', 8],
  'slack-away': ['blocks', 'slack', 10],
  'slack-proxy': ['blocks', 'slack', 10],
  'slack-not-itself': ['blocks', 'slack', 10],
  'slack-untold': ['unknown', 'slack', 10],
  'bot-token-good': ['ok', 'slack', 2],
  'bot-token-refused': ['blocks', 'slack', 2],
  'bot-token-of-person': ['blocks', 'slack', 2],
  'scopes-good': ['ok', 'slack', 2],
  'scopes-missing': ['blocks', 'slack', 2],
  'scopes-missing-optional': ['warning', 'slack', 2],
  'app-token-good': ['ok', 'slack', 3],
  'app-token-refused': ['blocks', 'slack', 3],
  'app-token-of-other-app': ['blocks', 'slack', 3],
  'signing-secret-unproven': ['unknown', 'slack', 3],
  'channel-good': ['ok', 'slack', 4],
  'channel-missing': ['blocks', 'slack', 4],
  'channel-not-joined': ['blocks', 'slack', 4],
  'channel-archived': ['blocks', 'slack', 4],
  'channel-shared': ['blocks', 'slack', 4],
  'channel-shared-alerts': ['warning', 'slack', 4],
  'channel-read-only': ['blocks', 'slack', 4],
  'channel-unreadable': ['blocks', 'slack', 2],
  'alerts-unset': ['warning', 'slack', 9],
  'press-good': ['ok', 'slack', 3],
  'press-unsent': ['blocks', 'slack', 2],
  'press-unseen': ['unknown', 'slack', 2],
  'press-unanswered': ['blocks', 'slack', 3],
  'second-consumer': ['warning', 'slack', 3],
  'groups-good': ['ok', 'people', 9],
  'groups-need-plan': ['blocks', 'people', 9],
  'group-missing': ['blocks', 'people', 9],
  'group-disabled': ['blocks', 'people', 9],
  'group-empty': ['warning', 'people', 9],
  'people-good': ['ok', 'people', 9],
  'people-untold': ['unknown', 'people', 2],
  'person-missing': ['warning', 'people', 9],
  'person-without-role': ['warning', 'people', 9],
  'nobody-requests': ['blocks', 'people', 9],
  'nobody-operates': ['warning', 'people', 9],
  'quorum-good': ['ok', 'people', 9],
  'quorum-short': ['blocks', 'people', 9],
  'quorum-short-for-requester': ['warning', 'people', 9],
  'wechatpay-away': ['blocks', 'wechatpay', 10],
  'wechatpay-proxy': ['blocks', 'wechatpay', 10],
  'wechatpay-not-itself': ['blocks', 'wechatpay', 10],
  'wechatpay-first-host-away': ['warning', 'wechatpay', 10],
  'wechatpay-untold': ['unknown', 'wechatpay', 10],
  'request-signature-good': ['ok', 'wechatpay', 6],
  'request-clock': ['blocks', 'wechatpay', 10],
  'request-serial': ['blocks', 'wechatpay', 6],
  'request-key': ['blocks', 'wechatpay', 6],
  'request-refused': ['blocks', 'wechatpay', 6],
  'answers-good': ['ok', 'wechatpay', 7],
  'answers-untrusted': ['blocks', 'wechatpay', 7],
  'answers-unproven': ['unknown', 'wechatpay', 7],
  'public-key-id-refused': ['blocks', 'wechatpay', 7],
  'certificates-refused': ['blocks', 'wechatpay', 7],
  'stock-good': ['ok', 'wechatpay', 9],
  'stock-untold': ['unknown', 'wechatpay', 9],
  'stock-odd': ['unknown', 'wechatpay', 9],
  'stock-without-right': ['blocks', 'wechatpay', 5],
  'stock-appid': ['blocks', 'wechatpay', 5],
  'stock-mchid': ['blocks', 'wechatpay', 5],
  'stock-missing': ['blocks', 'wechatpay', 9],
  'lookup-good': ['ok', 'people', 9],
  'lookup-off': ['unknown', 'people', 9],
  'lookup-faulty': ['warning', 'people', 9],
  'check-failed': ['unknown', 'machine', 10],
} as const satisfies Record<string, readonly [Level, Part, number]>

export type FindingCode = keyof typeof kinds

/** One result of a check. No value holds a secret or a whole openid. */
export interface Finding {
  code: FindingCode
  /** Values that fill the words, and that scripts read. */
  values: Readonly<Record<string, string>>
}

/** Makes a finding; numbers become text. */
export function found(code: FindingCode, values: Record<string, string | number> = {}): Finding {
  return {
    code,
    values: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)])),
  }
}

export function levelOf({ code }: Finding): Level {
  return kinds[code][0]
}

export function partOf({ code }: Finding): Part {
  return kinds[code][1]
}

/** The step of "Connect it" in the README. */
export function stepOf({ code }: Finding): number {
  return kinds[code][2]
}

/** Values that may differ each time the same fault is found. */
const MEASURED = ['seconds', 'why', 'came', 'expected', 'remedy', 'detail', 'ms', 'reachable']

/** A text that is equal for equal faults, whatever their order. */
export function sameFor(findings: readonly Finding[]): string {
  const each = findings.map(({ code, values }) => {
    const lasting = Object.entries(values).filter(([name]) => !MEASURED.includes(name))
    return JSON.stringify([code, ...lasting.toSorted().flat()])
  })
  return each.toSorted().join('\n')
}

const byWeight: readonly Level[] = ['ok', 'unknown', 'warning', 'blocks']

/** Sorts findings by weight, what stops the app first; equal weights keep their order. */
export function worstFirst(findings: readonly Finding[]): Finding[] {
  const weight = (finding: Finding) => byWeight.indexOf(levelOf(finding))
  return findings.toSorted((one, other) => weight(other) - weight(one))
}

/** The highest level among the findings. */
export function worstOf(findings: readonly Finding[]): Level {
  const weights = findings.map((finding) => byWeight.indexOf(levelOf(finding)))
  return byWeight[Math.max(0, ...weights)] ?? 'ok'
}
