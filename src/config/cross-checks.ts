import type { ConfigProblem, Given } from './given.ts'
import { type Row, type Values, type Variable, variables } from './variables.ts'

/** What must fit together between variables. A value of the wrong form counts as set, and is not spoken of again. */
export function crossChecks(
  given: Readonly<Record<Variable, Given>>,
  values: Partial<Values>,
): ConfigProblem[] {
  return [...transportProblems(given), ...trustProblems(given, values), ...cutOffKeys(given, values)]
}

/** How Slack reaches the app: Socket Mode or HTTP, by the one secret that is set or by choice. */
function transportProblems(given: Readonly<Record<Variable, Given>>): ConfigProblem[] {
  const [socket, http] = [given.SLACK_APP_TOKEN.isSet, given.SLACK_SIGNING_SECRET.isSet]
  const { text: chosen, isSet: isChosen } = given.SLACK_TRANSPORT
  if (!isChosen && socket && http)
    return [problem('SLACK_TRANSPORT', 'is not set, but SLACK_APP_TOKEN and SLACK_SIGNING_SECRET are')]
  if (!isChosen && !socket && !http)
    return [
      problem(
        'SLACK_APP_TOKEN',
        'is not set',
        `${variables.SLACK_APP_TOKEN.remedy}; or, to be called over HTTP, set SLACK_SIGNING_SECRET`,
      ),
    ]
  if (chosen === 'socket' && !socket)
    return [problem('SLACK_APP_TOKEN', 'is not set, but SLACK_TRANSPORT is socket')]
  if (chosen === 'http' && !http)
    return [problem('SLACK_SIGNING_SECRET', 'is not set, but SLACK_TRANSPORT is http')]
  return []
}

/** What WeChat Pay's signatures are checked with: its public key, the platform certificates, or both. */
function trustProblems(
  given: Readonly<Record<Variable, Given>>,
  { WECHATPAY_PUBLIC_KEY_ID: id }: Partial<Values>,
): ConfigProblem[] {
  const pem = given.WECHATPAY_PUBLIC_KEY
  if (id === undefined && !pem.isSet)
    return given.WECHATPAY_APIV3_KEY.isSet
      ? []
      : [
          problem(
            'WECHATPAY_PUBLIC_KEY_ID',
            'is not set, nor is WECHATPAY_APIV3_KEY',
            'set WECHATPAY_PUBLIC_KEY_ID and WECHATPAY_PUBLIC_KEY_FILE (pub_key.pem), or WECHATPAY_APIV3_KEY: without one of them no answer of WeChat Pay can be trusted',
          ),
        ]
  if (id === undefined) return [problem('WECHATPAY_PUBLIC_KEY_ID', `is not set, but ${pem.name} is`)]
  return [
    ...(pem.isSet ? [] : [problem('WECHATPAY_PUBLIC_KEY', 'is not set, but WECHATPAY_PUBLIC_KEY_ID is')]),
    ...keyIdProblems(id, isPublicKey(pem)),
  ]
}

const PUBLIC_KEY_ID = /^PUB_KEY_ID_[0-9A-Za-z]{1,64}$/

/** A public key has an id of its own; a certificate is known by its serial number. */
function keyIdProblems(id: string, isOfPublicKey: boolean): ConfigProblem[] {
  if (PUBLIC_KEY_ID.test(id)) return []
  if (isOfPublicKey)
    return [
      problem(
        'WECHATPAY_PUBLIC_KEY_ID',
        'does not begin with PUB_KEY_ID_, as the id of a public key does',
        'copy it whole, PUB_KEY_ID_ included, as pay.weixin.qq.com shows it beside the public key',
      ),
    ]
  if (/^[0-9A-Fa-f]{8,40}$/.test(id)) return []
  return [
    problem(
      'WECHATPAY_PUBLIC_KEY_ID',
      'has another form than PUB_KEY_ID_…',
      'copy the id that pay.weixin.qq.com shows beside the public key; for a platform certificate, its serial number',
    ),
  ]
}

function isPublicKey({ text = '' }: Given): boolean {
  return /BEGIN (?:RSA )?PUBLIC KEY/.test(text)
}

/** Keys of which only the first line is left: all that a file of variables keeps of a value without quotes. */
function cutOffKeys(given: Readonly<Record<Variable, Given>>, values: Partial<Values>): ConfigProblem[] {
  return (['WECHATPAY_PRIVATE_KEY', 'WECHATPAY_PUBLIC_KEY'] as const).flatMap((variable) => {
    if (!/^["']?-----BEGIN (?:\w+ )*(?:KEY|CERTIFICATE)-----["']?$/.test(values[variable] ?? '')) return []
    const { name } = given[variable]
    const remedy = name.endsWith('_FILE')
      ? 'copy the file anew, with all of its lines'
      : `put quotes around all of its lines, or name its file by ${name}_FILE`
    return [{ variable: name, problem: 'holds only the first line of a key', remedy }]
  })
}

/** @param remedy by default that of the variable's row */
function problem(variable: Variable, what: string, remedy?: string): ConfigProblem {
  const row: Row = variables[variable]
  return { variable, problem: what, remedy: remedy ?? row.remedy ?? '' }
}
