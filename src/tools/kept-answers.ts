import { readFileSync, rmSync } from 'node:fs'
import { writeOwn } from './env-file.ts'

/** Answers that are kept until together they make one file. */
export interface KeptAnswers {
  /** Earlier answers, by their question. */
  before: Readonly<Record<string, string>>
  /** Returns the earlier answer, or asks; a new answer is on disk before the next question. */
  orAsk(question: string, ask: () => Promise<string>): Promise<string>
  /** Deletes the answers, once they are used. */
  forget(): void
}

/** Opens a file of answers, which may not exist yet; asks again for answers that can't be read. */
export function openKeptAnswers(path: string): KeptAnswers {
  const before = readIfThere(path)
  const all = { ...before }
  return {
    before,
    async orAsk(question, ask) {
      const known = all[question]
      if (known !== undefined) return known
      const answer = await ask()
      all[question] = answer
      writeOwn(path, `${JSON.stringify(all, null, 2)}\n`)
      return answer
    },
    forget: () => rmSync(path, { force: true }),
  }
}

function readIfThere(path: string): Record<string, string> {
  try {
    const read: unknown = JSON.parse(readFileSync(path, 'utf8'))
    const entries = Object.entries(read ?? {})
    return Object.fromEntries(entries.filter(([, answer]) => typeof answer === 'string'))
  } catch {
    return {}
  }
}
