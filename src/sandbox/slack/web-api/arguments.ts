/** A refusal of a Web API call: `{ ok: false, error: code, …extra }`. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: string
  readonly extra: Record<string, unknown>

  constructor(code: string, extra: Record<string, unknown> = {}) {
    super(code)
    this.code = code
    this.extra = extra
  }
}

/** An ApiError that says what is wrong the way Slack does. */
export function withMessages(code: string, messages: string[]): ApiError {
  return new ApiError(code, { errors: messages, response_metadata: { messages } })
}

export type Arguments = ReturnType<typeof createArguments>

/** Reads a call's arguments, from form fields (texts, JSON in texts) or from JSON. */
export function createArguments(raw: Record<string, unknown>) {
  function invalid(name: string, why: string): ApiError {
    return withMessages('invalid_arguments', [`[ERROR] ${why} [json-pointer:/${name}]`])
  }

  function optionalText(name: string): string | undefined {
    const value = raw[name]
    if (value === undefined || value === null || value === '') return undefined
    if (typeof value === 'string') return value
    if (typeof value === 'number' || typeof value === 'boolean') return String(value)
    throw invalid(name, 'must be a string')
  }

  function text(name: string): string {
    const value = optionalText(name)
    if (value === undefined)
      throw withMessages('invalid_arguments', [`[ERROR] missing required field: ${name}`])
    return value
  }

  function flag(name: string): boolean {
    const value = optionalText(name)
    if (value === undefined) return false
    if (value === 'true' || value === '1') return true
    if (value === 'false' || value === '0') return false
    throw invalid(name, 'must be a boolean')
  }

  function count(
    name: string,
    { least, most, otherwise }: { least: number; most: number; otherwise: number },
  ): number {
    const value = optionalText(name)
    if (value === undefined) return otherwise
    const number = Number(value)
    if (!Number.isInteger(number) || number < least || number > most) throw new ApiError('invalid_limit')
    return number
  }

  /** A structured argument. `wrongFormat` is the code for a text that is not JSON. */
  function json(name: string, wrongFormat = 'invalid_arguments'): unknown {
    const value = raw[name]
    if (value === undefined || value === null || value === '') return undefined
    if (typeof value !== 'string') return value
    try {
      return JSON.parse(value)
    } catch {
      throw wrongFormat === 'invalid_arguments'
        ? invalid(name, 'must be valid JSON')
        : new ApiError(wrongFormat)
    }
  }

  function list(name: string): string[] {
    const value = raw[name]
    if (Array.isArray(value)) return value.map(String)
    return (optionalText(name) ?? '')
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '')
  }

  return { text, optionalText, flag, count, json, list, has: (name: string) => raw[name] !== undefined }
}
