import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { EngineName } from '../ledger/engines.ts'
import { prove } from '../ledger/prove.ts'
import { type App, type Life, startApp } from './apps.ts'
import { createPeople } from './people.ts'
import { randomBy } from './random.ts'
import { leftToPeople, type Records, readRecords } from './records.ts'
import { readLogged } from './sends.ts'
import { agents, channel, createStage, leads, limits, type Stage } from './stage.ts'
import { listenTo } from './told.ts'
import { createTrouble } from './trouble.ts'
import { type Counts, compare } from './truths.ts'

export interface Options {
  engine: EngineName
  replicas: number
  kills: number
  seed: number
  /** The name of a fault to plant in the app. */
  plant?: string | null
  say?: (line: string) => void
}

export interface Report extends Counts {
  engine: EngineName
  replicas: number
  seed: number
  plant: string | null
  asks: number
  recorded: number
  coupons: number
  kills: number
  stalls: number
  restarts: number
  databaseKills: number
  faults: number
  needsLook: number
  /** Ends that requesters were told in separate messages. */
  toldOfEnds: number
  seconds: number
  /** Whether every count that must be 0 is 0. */
  ok: boolean
  /** The folder of the logs, if not ok. */
  log: string | null
}

/** ms until everything must have settled after the last disturbance: enough for the longest back-off, 12.5 minutes. */
const SETTLE_WITHIN = 900_000
/** ms that a start may take before the run disturbs it anyway, or counts it as a fault. */
const READY_WITHIN = 15_000
/** ms that an app takes to start on an idle machine; if it takes longer, everything gets proportionally more time. */
const START = 700
const START_WITHIN = 60_000
/** Three times `WECHATPAY_TIMEOUT` of the stage. */
const LEASE = 3000

/**
 * Has people use an app that is killed over and over, lets it settle, and compares what was said with what is true.
 */
export async function runChaos(options: Options): Promise<Report> {
  const { engine, replicas, kills, seed, plant = null, say = () => {} } = options
  const began = Date.now()
  const random = randomBy(seed)
  const scale = Math.max(0.2, kills / 100)
  const stage = await createStage({
    engine,
    scale,
  })
  const lives: Life[] = []
  const apps = Array.from({ length: replicas }, (_, number) =>
    startApp(stage, { name: `app-${number + 1}`, plant, lives }),
  )
  const listening = listenTo(stage.slack)
  let keep = true
  try {
    await allReady(apps, stage)
    const people = createPeople({ stage, random, listening })
    const trouble = createTrouble({ stage, random })
    const killer = createKiller({ stage, apps, random })
    let told = 0
    // On a slow machine the kills could come before the first ask, and would prove nothing.
    const isEnough = () => killer.done.kills >= kills && people.doings.recordedViews.length > 0
    while (!isEnough()) {
      if (random.chance(0.8)) trouble.plantOne()
      await killer.disturb()
      if (killer.done.kills >= told + 100) {
        told = killer.done.kills
        say(`${told} kills, ${people.doings.asks} asks`)
      }
    }
    trouble.clear()
    await people.stop()
    await killer.over()
    await allReady(apps, stage)
    const records = await settled(stage, people, say)
    listening.catchUp()
    const found = compare({
      records,
      verified: await prove(stage.databaseUrl),
      coupons: stage.wechatpay.coupons(),
      calls: stage.wechatpay.calls(),
      logged: readLogged(stage.folder),
      listening,
      doings: people.doings,
      lives,
      lease: LEASE,
      limits: {
        perUser: limits.perUser,
        perRequester: Math.round(limits.perRequester * scale),
        perStock: Math.round(limits.perStock * scale),
      },
      messages: (place) =>
        place.startsWith('D')
          ? stage.slack.person(`U${place.slice(1)}`).dm()
          : stage.slack.channelMessages(place),
      channels: [channel, ...[...agents, ...leads].map((id) => `D${id.slice(1)}`)],
    })
    // A run that recorded nothing has proven nothing.
    const ok = records.grants.length > 0 && Object.values(found.counts).every((count) => count === 0)
    keep = !ok
    if (keep) {
      writeFileSync(join(stage.folder, 'found.txt'), `${found.lines.join('\n')}\n`)
      writeFileSync(
        join(stage.folder, 'told.jsonl'),
        listening.told.map((told) => JSON.stringify(told)).join('\n'),
      )
      writeFileSync(join(stage.folder, 'records.json'), JSON.stringify(records, null, 1))
      for (const line of found.lines.slice(0, 20)) say(`  ${line}`)
    }
    return {
      engine,
      replicas,
      seed,
      plant,
      asks: people.doings.asks,
      recorded: records.grants.length,
      coupons: stage.wechatpay.coupons().length,
      ...killer.done,
      faults: trouble.count(),
      needsLook: found.needsLook,
      toldOfEnds: found.toldOfEnds,
      ...found.counts,
      seconds: Math.round((Date.now() - began) / 1000),
      ok,
      log: ok ? null : stage.folder,
    }
  } finally {
    listening.stop()
    await Promise.all(apps.map((app) => app.close()))
    await stage.close(keep)
  }
}

async function allReady(apps: App[], { folder }: Stage): Promise<void> {
  const ready = await Promise.all(apps.map((app) => app.ready(START_WITHIN)))
  if (ready.includes(false)) throw new Error(`an app does not start: see its log in ${folder}`)
}

/** Kills and stalls what runs, mostly one replica at a time. */
function createKiller({
  stage,
  apps,
  random,
}: {
  stage: Stage
  apps: App[]
  random: ReturnType<typeof randomBy>
}) {
  const done = { kills: 0, stalls: 0, restarts: 0, databaseKills: 0 }
  let under: Promise<unknown>[] = []
  const beside = (work: Promise<unknown>) => {
    under.push(work)
    void work.finally(() => {
      under = under.filter((one) => one !== work)
    })
  }

  async function disturb(): Promise<void> {
    const app = random.pick(apps)
    // Sometimes while it starts; otherwise after it has worked for a moment.
    const whileStarting = random.chance(0.12)
    if (!whileStarting) await app.ready(READY_WITHIN)
    const pace = Math.min(10, Math.max(1, app.startedIn() / START))
    await sleep(pace * (whileStarting ? random.between(30, 400) : random.between(60, 700)))
    const kind = random.next()
    if (kind < 0.04) {
      done.restarts += 1
      app.terminate()
      return
    }
    if (kind < 0.07 && app.isReady()) {
      done.stalls += 1
      beside(app.stall(random.between(200, stage.postgres ? 4500 : 1500)))
      return
    }
    if (kind < 0.11 && stage.postgres) {
      done.databaseKills += 1
      if (random.chance(0.6)) await cutConnections(stage)
      else await stage.postgres.crash()
      return
    }
    done.kills += 1
    app.kill()
  }

  return {
    done,
    disturb,
    /** Resolves when nothing is stalled any more. */
    async over(): Promise<void> {
      await Promise.all(under)
    },
  }
}

async function cutConnections({ postgres }: Stage): Promise<void> {
  await postgres
    ?.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = 'ledger' and pid <> pg_backend_pid()`,
    )
    .catch(() => {})
}

/**
 * Resumes what is paused, and waits until nothing is left to do. The comparison finds what does not settle in time.
 */
async function settled(
  stage: Stage,
  people: ReturnType<typeof createPeople>,
  say: (line: string) => void,
): Promise<Records> {
  const end = Date.now() + SETTLE_WITHIN
  for (;;) {
    const records = await readRecords(stage.databaseUrl)
    if (records.holds.some(({ kind, ended_at }) => kind === 'paused' && ended_at === null)) {
      await people.resumeAll()
      // The records are out of date: what waited is sent now, including grants that were left to people.
      if (Date.now() <= end) {
        await sleep(2000)
        continue
      }
    }
    const leftOver = leftToPeople(records.grants)
    const left = {
      grants: records.grants.filter(
        (grant) => (grant.state === 'approved' || grant.state === 'issuing') && !leftOver.has(grant),
      ).length,
      cards: records.cards.filter(({ due_at }) => due_at !== null).length,
      attempts: records.attempts.filter(({ outcome }) => outcome === null).length,
      notices: records.notices,
    }
    if (Object.values(left).every((count) => count === 0)) return records
    if (Date.now() > end) {
      say(`not settled: ${JSON.stringify(left)}`)
      return records
    }
    await sleep(250)
  }
}
