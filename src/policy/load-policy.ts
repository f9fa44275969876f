import type { Policy } from '../domain/policy.ts'
import { type Language, languages, type Named } from '../domain/text.ts'
import { linesOf, type ToldMistake, tellMistakes } from './mistakes.ts'
import { parsePolicy } from './parse-policy.ts'
import { readText, shownPath } from './text-file.ts'
import { policyWords } from './words/index.ts'

/** What reading a policy needs: its file, and the merchant and appid of stocks that don't name their own. */
export interface PolicyPlace {
  policyFile: string
  wechatpay: { mchid: string; appid: string }
}

export type LoadedPolicy =
  | { ok: true; policy: Policy }
  /** `text`: all mistakes as lines. */
  | { ok: false; mistakes: Readonly<Record<Language, readonly ToldMistake[]>>; text: Named }

/**
 * Reads the policy that the configuration names, or reports what is wrong with it, as lines in each language.
 * @param readFile reads a file as text; its errors become part of those lines
 */
export function loadPolicy(place: PolicyPlace, readFile: (path: string) => string = readText): LoadedPolicy {
  return createPolicyReader(place, readFile)()
}

/** Reads the policy repeatedly, and doesn't parse an unchanged file again, which is most of the work. */
export function createPolicyReader(
  { policyFile, wechatpay }: PolicyPlace,
  readFile: (path: string) => string = readText,
): () => LoadedPolicy {
  let last: { text: string; loaded: LoadedPolicy } | undefined
  return () => {
    let text: string
    try {
      text = readFile(policyFile)
    } catch (error) {
      return broken((language) => [policyUnread(policyFile, error, language)])
    }
    if (last?.text !== text) {
      // Missing variables are reported with the environment.
      const parsed = parsePolicy(text, {
        mchid: wechatpay.mchid || 'missing',
        appid: wechatpay.appid || 'missing',
      })
      const loaded = parsed.ok
        ? parsed
        : broken((language) => tellMistakes(policyFile, parsed.mistakes, language))
      last = { text, loaded }
    }
    return last.loaded
  }
}

/** Why the policy that the configuration names couldn't be read, and what to do. */
export function policyUnread(file: string, error: unknown, language: Language): ToldMistake {
  const code = error instanceof Error && 'code' in error ? ` (${error.code})` : ''
  const words = policyWords[language]
  const [mistake, remedy = ''] = words.unread(shownPath(file, words.hiddenFile), code)
  return { mistake, remedy }
}

function broken(tell: (language: Language) => readonly ToldMistake[]): LoadedPolicy {
  const inEach = <T>(of: (language: Language) => T) =>
    Object.fromEntries(languages.map((language) => [language, of(language)])) as Record<Language, T>
  const mistakes = inEach(tell)
  return { ok: false, mistakes, text: inEach((language) => linesOf(mistakes[language])) }
}
