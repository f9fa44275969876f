import { RE2JS } from 're2js'

/** A regular expression of the policy, as it is asked: whether a text fits. */
export interface Pattern {
  /** Whether some part of the text fits. */
  finds(text: string): boolean
  /** Whether the text as a whole fits. */
  fits(text: string): boolean
}

const MOST_KEPT = 8
/** What is matched has 128 characters at most: what needs more steps than this repeats more than they could fit. */
const MOST_STEPS = 2000
const kept = new Map<string, Pattern>()

/**
 * Reads a regular expression for an engine whose time grows with the length of the text and never faster: what strangers
 * type is matched with it.
 * @throws Error where it is no regular expression, can only be matched by trying, or repeats too much
 */
export function readPattern(source: string): Pattern {
  const known = kept.get(source)
  if (known) return known
  // Both engines must take it, so that it means what the documents of JavaScript say.
  new RegExp(source, 'u')
  if (/^(?:\\[^k]|[^\\])*\\k/su.test(source)) throw new Error('refers back')
  const engine = RE2JS.compile(RE2JS.translateRegExp(shortProperties(source)))
  if (engine.programSize() > MOST_STEPS) throw new Error('repeats too much')
  const pattern = {
    finds: (text: string) => engine.test(text),
    fits: (text: string) => engine.testExact(text),
  }
  // A policy has two of them.
  if (kept.size >= MOST_KEPT) kept.clear()
  kept.set(source, pattern)
  return pattern
}

/** RE2 writes a script by its name alone. */
function shortProperties(source: string): string {
  return source.replace(
    /\\(?:([pP])\{(?:Script|sc|General_Category|gc)=(\w+)\}|.)/gs,
    (whole, letter: string | undefined, name: string) => (letter ? `\\${letter}{${name}}` : whole),
  )
}
