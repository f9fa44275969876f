import type { Language } from '../../../domain/text.ts'
import { en, type Words } from './en/index.ts'
import { zhCN } from './zh-cn/index.ts'

export type { Words }

const catalogue = { en, 'zh-CN': zhCN } as const satisfies Record<Language, Words>

/** The texts of a language. */
export function wordsOf(language: Language): Words {
  return catalogue[language]
}

/** The language for a Slack locale such as `zh-TW`; null without a locale. */
export function languageOf(locale: string | undefined): Language | null {
  if (!locale) return null
  return /^zh\b/i.test(locale) ? 'zh-CN' : 'en'
}

/** The words for a code that may be missing from the table. */
export function byCode<T>(table: Record<string, T>, code: string): T | undefined {
  return Object.hasOwn(table, code) ? table[code] : undefined
}
