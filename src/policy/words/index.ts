import type { Language } from '../../domain/text.ts'
import { en } from './en.ts'
import { zhCN } from './zh-cn.ts'

/** What is wrong, and what to do about it, unless its place in the file or a mistyped word tells that. */
export type Said = readonly [wrong: string, remedy?: string]
/** What the words are filled with. */
export type Values = Readonly<Record<string, string | number>>

export type MistakeCode = keyof typeof en.mistakes
/** Places of the file for which it is said what to write there; `*` stands for a name or an index. */
export type KnownPlace = keyof typeof en.places

export interface PolicyWords {
  mistakes: Record<MistakeCode, (values: Values) => Said>
  places: Record<KnownPlace, string>
  /** Where nothing better is known. */
  compare: string
  meant(word: string): string
  more(file: string, count: number): string
  /** In place of a path that may be a secret. */
  hiddenFile: string
  /** Why the file could not be read, and what to do. @param code in brackets, or nothing */
  unread(file: string, code: string): Said
}

export const policyWords: Readonly<Record<Language, PolicyWords>> = { en, 'zh-CN': zhCN }
