/** Takes secrets and openids out of a text that others wrote. */
export interface Scrubber {
  /** A text without the secrets of the client and without this openid, in whatever way it is written. */
  text(text: string, openid?: string): string
  /** What an error says, as a new error: those of undici and of WeChat Pay hold paths, sockets and bodies. */
  error(error: unknown, openid?: string): Error | undefined
}

/** WeChat Pay cuts texts off, so a long beginning of an openid is taken out as well. */
const LONG_BEGINNING = 10
const MOST_CAUSES = 3

/**
 * Makes a scrubber for one client. It goes by value: the places where others put an openid are not known, what the
 * openid is, is.
 */
export function createScrubber(secrets: readonly string[]): Scrubber {
  const lines = secrets.flatMap((secret) => [secret, ...secret.split(/(?:\\r|\\n|\s)+/)])
  const known = [...new Set(lines.filter((line) => line.length >= 16 && !line.startsWith('-----')))]

  function text(text: string, openid?: string): string {
    let clean = text
    for (const secret of known) clean = clean.replaceAll(secret, '[secret]')
    if (openid === undefined) return clean
    const forms = [...formsOf(openid)].sort((one, other) => other.length - one.length)
    for (const form of forms) clean = clean.replace(anyCase(form), '[openid]')
    for (const form of forms) clean = withoutBeginnings(clean, form)
    return clean
  }

  function error(error: unknown, openid?: string, depth = MOST_CAUSES): Error | undefined {
    if (error === undefined || error === null || depth === 0) return undefined
    if (!(error instanceof Error)) return new Error(text(String(error), openid))
    const inner = error instanceof AggregateError ? error.errors[0] : error.cause
    const cause = inner === error ? undefined : clean(inner)
    const copy = new Error(text(error.message, openid), cause && { cause })
    copy.name = text(error.name, openid)
    if (error.stack !== undefined) copy.stack = text(error.stack, openid)
    const code = (error as { code?: unknown }).code
    if (typeof code === 'string') Object.assign(copy, { code: text(code, openid) })
    return copy

    function clean(inner: unknown): Error | undefined {
      return scrubError(inner, openid, depth - 1)
    }
  }
  const scrubError = error

  return { text, error: (found, openid) => error(found, openid) }
}

function formsOf(openid: string): Set<string> {
  // Half a character has no encoding; such an openid is refused before sending, by a message that is scrubbed too.
  const encoded = encodeURIComponent(openid.toWellFormed())
  const strict = encoded.replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`)
  return new Set([openid, encoded, strict, encodeURIComponent(encoded), JSON.stringify(openid).slice(1, -1)])
}

function anyCase(form: string): RegExp {
  return new RegExp(form.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'gi')
}

function withoutBeginnings(text: string, form: string): string {
  const beginning = form.slice(0, LONG_BEGINNING)
  if (form.length <= LONG_BEGINNING || !text.includes(beginning)) return text
  let clean = text
  for (let length = form.length - 1; length >= LONG_BEGINNING; length--) {
    clean = clean.replaceAll(form.slice(0, length), '[openid]')
  }
  return clean
}
