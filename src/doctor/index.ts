/** The front door of the checks of a set-up. */

export { examine } from './examine.ts'
export { type AwayWhy, createExchange, type Exchange } from './exchange.ts'
export {
  type Finding,
  type FindingCode,
  found,
  kinds,
  type Level,
  levelOf,
  partOf,
  parts,
  stepOf,
  worstOf,
} from './finding.ts'
export { countLevels, type Paint, plain, toJson, type Worded, word, writeReport } from './report.ts'
export type { Instruments, Setup } from './setup.ts'
export { scopes } from './slack.ts'
export { doctorWords } from './words/index.ts'
