/** Why a text isn't an openid. */
export type OpenidProblem =
  | { kind: 'empty' }
  /** A unionid, which looks like one. */
  | { kind: 'union' }
  /** `position` counts characters from 1. */
  | { kind: 'character'; character: string; position: number }
  | { kind: 'length'; length: number }
  | { kind: 'start'; character: string }
  /** It doesn't match the policy's own pattern. */
  | { kind: 'pattern'; pattern: string }
  | { kind: 'too-long'; length: number }

/** The most that WeChat Pay takes. */
const MAX_LENGTH = 128
/** Length of openids as WeChat gives them out today. */
const LENGTH = 28
/** From `!` to `~`, as Chinese keyboards write them. */
const fullWidth = /[\uff01-\uff5e]/g
const WIDER = 0xff01 - 0x21
/** Most characters of a pasted text to search for an openid. */
const MAX_PASTED = 400

const around = /[\s"'`“”„‘’‚«»‹›<>()[\]{}（）【】《》「」『』＂＇｀，。；：！？、,.;:!?*~•\p{Cf}\p{Cc}\p{Z}]/u
const names = 'open[\\s_-]?id|用户\\s?(?:标识|编号|id)|微信\\s?(?:标识|号)|user[\\s_-]?id'
/** What people copy along with an openid from another screen, a log or an address. */
const label = new RegExp(`(?:${names})[\\s"'\`“”‘’]*(?:[:=：＝]|%3D)[\\s"'\`“”‘’<]*`, 'iu')
const labelled = new RegExp(`^(?:${names})$`, 'iu')
const MAX_LABEL = 60

/** An openid among other text, also among Chinese characters. */
const standing =
  /(?<![\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{N}_-])o[0-9A-Za-z_-]{27}(?![\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{N}_-])/gu

/**
 * Removes what copying leaves around an openid: spaces, quotes, brackets, punctuation, a label such as `openid:`, also
 * in JSON and in an address. Full-width letters become plain ones. A text that contains one openid becomes that openid.
 */
export function cleanOpenid(text: string): string {
  const pasted = text
    .slice(0, MAX_PASTED)
    .replace(fullWidth, (character) => String.fromCodePoint((character.codePointAt(0) ?? 0) - WIDER))
    .replace(/\p{Cf}/gu, '')
  const found = label.exec(pasted)
  const cleaned = found
    ? bare(pasted.slice(found.index + found[0].length).replace(/["'`“”‘’&}].*$/su, ''))
    : bare(pasted)
  if (openidProblem(cleaned) === null || isOfUnion(pasted)) return cleaned
  const [only, ...more] = new Set(pasted.match(standing))
  return only !== undefined && more.length === 0 ? only : cleaned
}

/** Whether a text mentions a unionid, which looks like an openid but isn't one. */
export function isOfUnion(text: string): boolean {
  return /union[\s_-]?id/i.test(text)
}

/** What follows a label at the beginning of a text, or null if it doesn't begin with one. */
export function afterLabel(text: string): string | null {
  const found = label.exec(text.slice(0, MAX_LABEL))
  if (!found || /[\p{L}\p{N}]/u.test(text.slice(0, found.index))) return null
  return text.slice(found.index + found[0].length)
}

/** Whether a word is a label of an openid. */
export function isOpenidLabel(word: string): boolean {
  return labelled.test(word)
}

/** A text without what may stand around a word, in one pass from each end. */
export function bare(text: string): string {
  const characters = [...text]
  const isAround = (character: string | undefined) => character !== undefined && around.test(character)
  let from = 0
  let to = characters.length
  while (from < to && isAround(characters[from])) from++
  while (from < to && isAround(characters[to - 1])) to--
  return characters.slice(from, to).join('')
}

/**
 * What is wrong with a cleaned openid, or null. An openid has 28 of `[0-9A-Za-z_-]` and begins with `o`.
 * @param other a pattern, if the merchant's openids look different: then 1 to 128 of these characters that match it
 */
export function openidProblem(
  openid: string,
  other: { pattern: string; fits(text: string): boolean } | null = null,
): OpenidProblem | null {
  if (openid === '') return { kind: 'empty' }
  if (isOfUnion(openid) && !(other?.fits(openid) ?? openid.length === LENGTH)) return { kind: 'union' }
  const characters = [...openid.slice(0, MAX_PASTED)]
  const position = characters.findIndex((character) => !/^[0-9A-Za-z_-]$/.test(character))
  if (position >= 0)
    return { kind: 'character', character: characters[position] ?? '', position: position + 1 }
  if (openid.length > MAX_LENGTH) return { kind: 'too-long', length: openid.length }
  if (other) return other.fits(openid) ? null : { kind: 'pattern', pattern: other.pattern }
  if (openid.length !== LENGTH) return { kind: 'length', length: openid.length }
  return openid.startsWith('o') ? null : { kind: 'start', character: openid.charAt(0) }
}

/**
 * The short form for places that more than one person reads, and for logs: the first 4 and last 6 characters; of a
 * short one about a third, so that nobody can guess the rest.
 */
export function shortOpenid(openid: string): string {
  const { length } = openid
  if (length > 12)
    return `${openid.slice(0, Math.min(4, Math.floor(length / 7)))}…${openid.slice(-Math.min(6, Math.floor(length / 4.5)))}`
  return `${openid.slice(0, Math.min(2, Math.floor(length / 2)))}…`
}

/** Openids as WeChat gives them out today, in any text, also in an address or between formatting marks. */
export const openidForm =
  /(?<![0-9A-Za-z_-])o[0-9A-Za-z_-]{27}(?![0-9A-Za-z_-])|(?<![0-9A-Za-z])o(?=[a-z_-]{0,26}[0-9A-Z])[0-9A-Za-z_-]{27}(?![0-9A-Za-z])/g

const anyPattern = { pattern: '', fits: () => true }

/** A text in which every openid is shortened. @param own one known to be in it, whatever it looks like */
export function withoutOpenids(text: string, own: string | null = null): string {
  const shortened = text.replace(openidForm, shortOpenid)
  if (own === null || openidProblem(own, anyPattern) !== null) return shortened
  return shortened.replace(new RegExp(`(?<![0-9A-Za-z_-])${own}(?![0-9A-Za-z_-])`, 'g'), shortOpenid)
}

/**
 * A merchant's id at WeChat Pay (商户号). The API document allows 1 to 32 letters and digits; real ones are numbers of
 * about 10 digits. This catches mistakes: a placeholder, a part of an id, an appid in its place.
 */
export const MERCHANT_ID = /^(?!w[wx])(?=.*[0-9])[0-9A-Za-z]{6,32}$/

/** An appid: of a Mini Program, an account or an app (wx…), or of a company at WeCom (ww…). */
export const APPID = /^w[wx][0-9A-Za-z]{16}$/

/**
 * A stock's identity in the ledger: the merchant's id and the batch's id at WeChat Pay. Its key in the policy is only a
 * label, which may change while a pause or a limit of the stock goes on.
 */
export function stockRefOf({ mchid, stockId }: { mchid: string; stockId: string }): string {
  return `${mchid}/${stockId}`
}

/** The merchant's id in a stock ref. */
export function mchidOf(stockRef: string): string {
  return stockRef.slice(0, stockRef.indexOf('/'))
}

/** The name for a stock that no policy names: its id. */
export function stockIdOf(ref: string): string {
  return ref.slice(ref.indexOf('/') + 1)
}
