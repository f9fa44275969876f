import type { Language } from '../../domain/text.ts'
import type { FindingCode, Level, Part } from '../finding.ts'
import { en } from './en.ts'
import { zhCN } from './zh-cn.ts'

/** What was seen, and what to do about it; good findings need no remedy. */
export type Said = readonly [seen: string, remedy?: string]

export interface DoctorWords {
  title: string
  parts: Record<Part, string>
  levels: Record<Level, string>
  step(step: number): string
  summary(counts: Record<Level, number>): string
  /** The message with the button that proves that clicks arrive. */
  press: {
    text: string
    button: string
    waiting(person: string, seconds: number): string
    /** @param ms from the click until the app received it; null: unknown */
    pressed(ms: number | null): string
  }
  findings: Record<FindingCode, (values: Readonly<Record<string, string>>) => Said>
}

export const doctorWords: Readonly<Record<Language, DoctorWords>> = { en, 'zh-CN': zhCN }
