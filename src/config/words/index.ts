import type { Language } from '../../domain/text.ts'
import { en } from './en.ts'
import { zhCN } from './zh-cn.ts'

/** What is wrong with a variable, and the remedy, unless it is the same for every problem of the variable. */
export type Said = readonly [wrong: string, remedy?: string]
/** The values that fill the words. None is a secret. */
export type Values = Readonly<Record<string, string | number>>
export type ProblemCode = keyof typeof en.problems

export interface ConfigWords {
  /** @param usual the remedy for any problem of the variable */
  problems: Record<ProblemCode, (values: Values, usual: string) => Said>
  /** The remedy, by variable. */
  variables: Record<keyof typeof en.variables, string>
}

export const configWords: Readonly<Record<Language, ConfigWords>> = { en, 'zh-CN': zhCN }
