import type { FieldFault } from './answers.ts'

/** What is wrong with a required text field, if something is. */
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

/** The openid of a path segment as it stood on the wire. */
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
