/** An answer to send; the signature headers are added last. */
export interface Answer {
  status: number
  /** Empty for none. */
  contentType: string
  body: string
  signed: boolean
}

const JSON_TYPE = 'application/json; charset=utf-8'

export function success(value: unknown): Answer {
  return { status: 200, contentType: JSON_TYPE, body: JSON.stringify(value), signed: true }
}

/** An error in the documented form, without an undefined detail. */
export function refusal(refused: {
  status: number
  code: string
  message: string
  detail?: unknown
  signed?: boolean
}): Answer {
  const { status, code, message, detail, signed = true } = refused
  return { status, contentType: JSON_TYPE, body: JSON.stringify({ code, message, detail }), signed }
}

/** How one part of a request breaks its field's rules. */
export interface FieldFault {
  field: string
  value: unknown
  issue: string
  location: 'body' | 'query' | 'path' | 'header'
}

export function paramError(detail: FieldFault): Answer {
  return refusal({
    status: 400,
    code: 'PARAM_ERROR',
    message: `参数错误：${detail.field} ${detail.issue}`,
    detail,
  })
}

/** An empty answer, as 404 and 405 have. */
export function emptyAnswer(status: number): Answer {
  return { status, contentType: '', body: '', signed: false }
}

/** The page that a proxy in front of the service sends when the service is down. */
export function htmlAnswer(status: number, title: string): Answer {
  const heading = `${status} ${title}`
  return {
    status,
    contentType: 'text/html',
    body: `<html>\r\n<head><title>${heading}</title></head>\r\n<body>\r\n<center><h1>${heading}</h1></center>\r\n</body>\r\n</html>\r\n`,
    signed: false,
  }
}

const STATUS: Readonly<Record<string, number>> = {
  PARAM_ERROR: 400,
  INVALID_REQUEST: 400,
  ALREADY_EXISTS: 400,
  RESOURCE_ALREADY_EXISTS: 400,
  APPID_MCHID_NOT_MATCH: 400,
  MCH_NOT_EXISTS: 400,
  SIGN_ERROR: 401,
  RESOURCE_NOT_EXISTS: 404,
  USER_NOT_EXISTS: 404,
  FREQUENCY_LIMITED: 429,
  RATELIMIT_EXCEEDED: 429,
  SYSTEM_ERROR: 500,
  SERVICE_UNAVAILABLE: 503,
}

/** The documented status of a code; 403 for the many business refusals and for unknown codes. */
export function statusOf(code: string): number {
  return STATUS[code] ?? 403
}

/** What is wrong with a required text field; undefined if it is good. */
export function fieldFault(
  field: string,
  value: unknown,
  form: RegExp,
  location: FieldFault['location'],
): FieldFault | undefined {
  if (value === undefined || value === null) return { field, value: '', issue: '必填字段缺失', location }
  if (typeof value !== 'string') return { field, value, issue: '字段类型不是字符串', location }
  return form.test(value) ? undefined : { field, value, issue: '字段值的长度或字符不符合要求', location }
}

const OPENID = /^[0-9A-Za-z_-]{1,128}$/

/** Reads the openid from a path segment as it was on the wire. */
export function readOpenid(segment: string): { openid: string } | FieldFault {
  let openid: string | undefined
  try {
    openid = decodeURIComponent(segment)
  } catch {
    openid = undefined
  }
  return (
    fieldFault('openid', openid ?? segment, openid === undefined ? /^$/ : OPENID, 'path') ?? {
      openid: openid ?? '',
    }
  )
}

const EIGHT_HOURS = 8 * 60 * 60 * 1000

/** Writes a moment as WeChat Pay does for coupons: RFC 3339 with milliseconds at +08:00. */
export function couponTime(ms: number): string {
  return new Date(ms + EIGHT_HOURS).toISOString().replace('Z', '+08:00')
}

/** Writes a moment as WeChat Pay does for certificates: RFC 3339 in whole seconds at +08:00. */
export function certificateTime(ms: number): string {
  return couponTime(ms).replace(/\.\d{3}/, '')
}

/** Reads a whole number of the query. @returns what is wrong with it if it is not from `least` to `most` */
export function readNumber(
  given: URLSearchParams,
  field: string,
  { least, most, otherwise }: { least: number; most: number; otherwise: number },
): number | FieldFault {
  const value = given.get(field)
  if (value === null) return otherwise
  const number = /^\d{1,10}$/.test(value) ? Number(value) : Number.NaN
  if (number >= least && number <= most) return number
  return { field, value, issue: `取值须为${least}到${most}的整数`, location: 'query' }
}

/** What is wrong with a field of the query. @param value null: the field is missing */
export function queryFault(field: string, value: string | null): FieldFault {
  return {
    field,
    value: value ?? '',
    issue: value === null ? '必填字段缺失' : '字段值的长度或字符不符合要求',
    location: 'query',
  }
}
