import { parseArgs } from 'node:util'
import { plants } from './plants.ts'
import { type Options, type Report, runChaos } from './run.ts'

const usage = `Kills the app over and over while people use it, and compares what they were told, the ledger, and the stand-ins' record.

  npm run chaos -- [--engine sqlite|postgres] [--replicas N] [--kills K] [--seed S]
  npm run chaos -- --plant all                 proves the machine: each planted fault must be found
  npm run chaos -- --plant NAME [--engine …]   ${Object.keys(plants).join(' | ')}

The last line is JSON. Ends with 0 only if nothing was lost, doubled, wrongly told, stale, or past a limit.
`
const USAGE = 64

// The PostgreSQL package from npm ends the process by itself, with an exit code of its own.
process.exit(await main(process.argv.slice(2)))

async function main(args: string[]): Promise<number> {
  let values: Record<string, string | undefined>
  try {
    const text = { type: 'string' } as const
    values = parseArgs({
      args,
      options: { engine: text, replicas: text, kills: text, seed: text, plant: text },
    }).values
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`)
    return USAGE
  }
  const { engine = 'sqlite', plant = null } = values
  const seed = Number(values.seed ?? Date.now() % 2 ** 31)
  const kills = Number(values.kills ?? 100)
  const replicas = Number(values.replicas ?? (engine === 'postgres' ? 2 : 1))
  const isKnown = plant === null || plant === 'all' || Object.hasOwn(plants, plant)
  const isWhole = [seed, kills, replicas].every((number) => Number.isInteger(number) && number > 0)
  if (
    (engine !== 'sqlite' && engine !== 'postgres') ||
    !isKnown ||
    !isWhole ||
    (engine === 'sqlite' && replicas > 1)
  ) {
    console.error(
      engine === 'sqlite' && replicas > 1 ? 'SQLite serves one app at a time: --engine postgres\n' : usage,
    )
    return USAGE
  }
  if (plant === null) {
    const report = await tell({ engine, replicas, kills, seed })
    return report.ok ? 0 : 1
  }
  const names = plant === 'all' ? Object.keys(plants) : [plant]
  let isProven = true
  for (const name of names) {
    const planted = plants[name]
    if (!planted) continue
    const report = await tell({
      engine: planted.engine,
      replicas: planted.engine === 'postgres' ? 2 : 1,
      kills: values.kills === undefined ? planted.kills : kills,
      seed,
      plant: name,
    })
    const isFound = report[planted.found] > 0
    console.log(`${name}: ${isFound ? `found, as ${planted.found}` : 'NOT FOUND'}: ${planted.truth}`)
    isProven &&= isFound
  }
  // A planted fault is reported as the failure it is; only `all` reports that all were found.
  return plant === 'all' && isProven ? 0 : 1
}

async function tell(options: Options): Promise<Report> {
  console.log(
    `${options.engine}, ${options.replicas} ${options.replicas === 1 ? 'app' : 'apps'}, ${options.kills} kills, seed ${options.seed}${options.plant ? `, planted: ${options.plant}` : ''}`,
  )
  const report = await runChaos({ ...options, say: (line) => console.log(line) })
  console.log(JSON.stringify(report))
  return report
}
