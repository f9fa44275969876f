import type { Language } from '../../domain/text.ts'
import { en } from './en.ts'
import { zhCN } from './zh-cn.ts'

/** What is wrong, and the fix, unless the place in the file or a mistyped word already gives it. */
export type Said = readonly [wrong: string, remedy?: string]
/** The values that fill the words. */
export type Values = Readonly<Record<string, string | number>>

export type MistakeCode = keyof typeof en.mistakes
/** Places of the file for which there are words on what to write; `*` stands for a name or an index. */
export type KnownPlace = keyof typeof en.places

export interface PolicyWords {
  mistakes: Record<MistakeCode, (values: Values) => Said>
  places: Record<KnownPlace, string>
  /** If nothing better is known. */
  compare: string
  meant(word: string): string
  more(file: string, count: number): string
  /** Replaces a path that may be a secret. */
  hiddenFile: string
  /** Why the file couldn't be read, and what to do. @param code in brackets, or nothing */
  unread(file: string, code: string): Said
}

export const policyWords: Readonly<Record<Language, PolicyWords>> = { en, 'zh-CN': zhCN }
