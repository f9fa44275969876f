/**
 * Fills a path template and adds the query, as it goes on the wire and into the signed message.
 *
 * Everything but the unreserved characters of RFC 3986 is percent-encoded, so that no URL parser on the way finds
 * anything left to change: `encodeURIComponent` and `new URL()` disagree on some.
 * Fields that are undefined are left out.
 */
export function requestTarget(
  template: string,
  values: Readonly<Record<string, unknown>>,
  query: Readonly<Record<string, unknown>> = {},
): string {
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => encode(String(values[name])))
  let target = `/${path}`
  let mark = '?'
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue
    target += `${mark}${encode(name)}=${encode(String(value))}`
    mark = '&'
  }
  return target
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
