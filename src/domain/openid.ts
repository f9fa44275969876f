export type OpenidProblem =
  | { kind: 'empty' }
  | { kind: 'too-long'; length: number }
  /** `position` counts characters from 1. */
  | { kind: 'character'; character: string; position: number }

const MAX_LENGTH = 128
const wrapping = /^[\s"'`“”‘’«»<>「」\p{Cf}\p{Cc}\p{Z}]+|[\s"'`“”‘’«»<>「」\p{Cf}\p{Cc}\p{Z}]+$/gu

/** Takes off what copying leaves around an openid: spaces, quotes, invisible characters. */
export function cleanOpenid(text: string): string {
  return text.replace(wrapping, '')
}

/** What is wrong with a cleaned openid, or null: 1–128 of `[0-9A-Za-z_-]`. */
export function openidProblem(openid: string): OpenidProblem | null {
  if (openid === '') return { kind: 'empty' }
  const characters = [...openid]
  const position = characters.findIndex((character) => !/^[0-9A-Za-z_-]$/.test(character))
  if (position >= 0)
    return { kind: 'character', character: characters[position] ?? '', position: position + 1 }
  if (characters.length > MAX_LENGTH) return { kind: 'too-long', length: characters.length }
  return null
}

/** Whether it looks like the openids WeChat gives out today: 28 characters, the first an `o`. Others only get a warning. */
export function looksLikeOpenid(openid: string): boolean {
  return /^o[0-9A-Za-z_-]{27}$/.test(openid)
}

/** The form for wherever more than one person reads, and for logs: first 4, last 6; of a very short one less. */
export function shortOpenid(openid: string): string {
  if (openid.length > 12) return `${openid.slice(0, 4)}…${openid.slice(-6)}`
  return `${openid.slice(0, Math.min(2, Math.floor(openid.length / 2)))}…`
}
