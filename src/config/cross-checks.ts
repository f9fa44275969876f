import type { ConfigProblem, Given } from './read-variable.ts'
import type { Values, Variable } from './variables.ts'
import type { ProblemCode, Values as ProblemValues } from './words/index.ts'

/** Checks that variables fit together. A value of the wrong form counts as set and isn't reported again. */
export function crossChecks(
  given: Readonly<Record<Variable, Given>>,
  values: Partial<Values>,
): ConfigProblem[] {
  return [...transportProblems(given), ...trustProblems(given, values), ...cutOffKeys(given, values)]
}

/** How Slack reaches the app: by Socket Mode or HTTP, depending on which secret is set, or by choice. */
function transportProblems(given: Readonly<Record<Variable, Given>>): ConfigProblem[] {
  const [socket, http] = [given.SLACK_APP_TOKEN.isSet, given.SLACK_SIGNING_SECRET.isSet]
  const { text: chosen, isSet: isChosen } = given.SLACK_TRANSPORT
  if (!isChosen && socket && http) return [problem('SLACK_TRANSPORT', 'two-transports')]
  if (!isChosen && !socket && !http) return [problem('SLACK_APP_TOKEN', 'no-transport')]
  if (chosen === 'socket' && !socket)
    return [problem('SLACK_APP_TOKEN', 'not-set-for-transport', { transport: chosen })]
  if (chosen === 'http' && !http)
    return [problem('SLACK_SIGNING_SECRET', 'not-set-for-transport', { transport: chosen })]
  return []
}

/** What verifies WeChat Pay's signatures: its public key, the platform certificates, or both. */
function trustProblems(
  given: Readonly<Record<Variable, Given>>,
  { WECHATPAY_PUBLIC_KEY_ID: id }: Partial<Values>,
): ConfigProblem[] {
  const pem = given.WECHATPAY_PUBLIC_KEY
  if (id === undefined && !pem.isSet)
    return given.WECHATPAY_APIV3_KEY.isSet ? [] : [problem('WECHATPAY_PUBLIC_KEY_ID', 'no-trust')]
  if (id === undefined) return [problem('WECHATPAY_PUBLIC_KEY_ID', 'not-set-beside', { other: pem.name })]
  return [
    ...(pem.isSet
      ? []
      : [problem('WECHATPAY_PUBLIC_KEY', 'not-set-beside', { other: 'WECHATPAY_PUBLIC_KEY_ID' })]),
    ...keyIdProblems(id, isPublicKey(pem)),
  ]
}

const PUBLIC_KEY_ID = /^PUB_KEY_ID_[0-9A-Za-z]{1,64}$/

/** A public key has an id of its own; a certificate is known by its serial number. */
function keyIdProblems(id: string, isOfPublicKey: boolean): ConfigProblem[] {
  if (PUBLIC_KEY_ID.test(id)) return []
  if (isOfPublicKey) return [problem('WECHATPAY_PUBLIC_KEY_ID', 'cut-off-key-id')]
  if (/^[0-9A-Fa-f]{8,40}$/.test(id)) return []
  return [problem('WECHATPAY_PUBLIC_KEY_ID', 'not-a-key-id')]
}

function isPublicKey({ text = '' }: Given): boolean {
  return /BEGIN (?:RSA )?PUBLIC KEY/.test(text)
}

/** Keys of which only the first line is left: a file of variables keeps no more of a value without quotes. */
function cutOffKeys(given: Readonly<Record<Variable, Given>>, values: Partial<Values>): ConfigProblem[] {
  return (['WECHATPAY_PRIVATE_KEY', 'WECHATPAY_PUBLIC_KEY'] as const).flatMap((variable) => {
    if (!/^["']?-----BEGIN (?:\w+ )*(?:KEY|CERTIFICATE)-----["']?$/.test(values[variable] ?? '')) return []
    const { name } = given[variable]
    return [
      name.endsWith('_FILE')
        ? problem(variable, 'first-line-of-file', {}, name)
        : problem(variable, 'first-line-only', { variable: name }, name),
    ]
  })
}

function problem(
  row: Variable,
  code: ProblemCode,
  values: ProblemValues = {},
  variable: string = row,
): ConfigProblem {
  return { variable, row, code, values }
}
