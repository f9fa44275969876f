import type { Language } from '../../domain/text.ts'
import { en } from './en.ts'
import { zhCN } from './zh-cn.ts'

/** What is wrong with a variable, and what to do about it, unless that is the same whatever is wrong with it. */
export type Said = readonly [wrong: string, remedy?: string]
/** What the words are filled with. None of them is a secret. */
export type Values = Readonly<Record<string, string | number>>
export type ProblemCode = keyof typeof en.problems

export interface ConfigWords {
  /** @param usual what is to be done, whatever is wrong with the variable */
  problems: Record<ProblemCode, (values: Values, usual: string) => Said>
  /** What is to be done, by the variable. */
  variables: Record<keyof typeof en.variables, string>
}

export const configWords: Readonly<Record<Language, ConfigWords>> = { en, 'zh-CN': zhCN }
