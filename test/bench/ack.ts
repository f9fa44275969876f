import { setTimeout as sleep } from 'node:timers/promises'
import type { Person, SlackSandbox } from '../../src/sandbox/slack/index.ts'
import type { Started } from './processes.ts'
import { type Result, resultOf } from './results.ts'
import { inTurns, median, type Pace } from './rounds.ts'
import { type Apps, prepareApps } from './slack/apps.ts'
import { acknowledgements, lastEntry, PEOPLE, peopleOf, quiet } from './slack/desk.ts'

export const about = `ack: from the stand-in's sending to the acknowledgement, over Socket Mode, at a steady 20 a second; each turn's median.
  Ours: src/main.ts with everything behind it; a submission is committed (SQLite, synchronous=FULL) before it is
  acknowledged, and coupons of the ones before are being issued meanwhile. Other: a Bolt app of the same version and
  transport that opens the same form and only acknowledges. Both are warm: hundreds of each went before, four times as fast.`

export const EVERY = 1000 / 20
/** Submissions in a turn of 1.5 s. */
const TURN = 30
/** Turns with submissions four times as fast, so that code is compiled as in an app that has run for a while. */
const WARM_UPS = 8
const QUIET = 300

export async function benchAck(pace: Pace): Promise<Result[]> {
  const apps = await prepareApps()
  const running: Started[] = []
  try {
    running.push(await apps.startOurs())
    running.push(await apps.startOther(await ourForm(apps)))
    const count = Math.max(3, Math.round(TURN * pace.scale))
    const listing = (slack: SlackSandbox) => () => list(slack, count)
    const submitting = (slack: SlackSandbox) => () => submit(slack, count, EVERY)
    const { ourSlack, otherSlack } = apps
    await Promise.all([ourSlack, otherSlack].map((slack) => warmUp(slack, pace)))
    const lists = await inTurns(pace, { ours: listing(ourSlack), other: listing(otherSlack) })
    const choosing = (slack: SlackSandbox) => () => choose(slack, count)
    const shortcuts = await inTurns(pace, { ours: choosing(ourSlack), other: choosing(otherSlack) })
    const submissions = await inTurns(pace, { ours: submitting(ourSlack), other: submitting(otherSlack) })
    return [
      resultOf(
        {
          part: 'ack',
          name: '/withdraw-coupon list, p50',
          unit: 'ms',
          bound: { is: 'at most', goal: 1.2, floor: 1.5 },
        },
        lists,
      ),
      resultOf(
        { part: 'ack', name: 'shortcut, p50', unit: 'ms', bound: { is: 'at most', goal: 1.2, floor: 1.5 } },
        shortcuts,
      ),
      resultOf(
        { part: 'ack', name: 'submission, p50', unit: 'ms', bound: { is: 'at most', goal: 4, floor: 6 } },
        submissions,
      ),
    ]
  } finally {
    await Promise.all(running.map((app) => app.end()))
    await apps.close()
  }
}

let users = 0
function newUser(): string {
  users += 1
  return `oUpF8uBENCH${String(users).padStart(17, '0')}`
}

const send = (openid: string, stock = 'withdraw-10') => `send ${openid} ${stock} outage`

/** Opens the form for a new user. */
export async function askFor(slack: SlackSandbox, person: Person, stock?: string): Promise<void> {
  await person.command('/withdraw-coupon', send(newUser(), stock))
  await slack.waitFor(() => person.view()?.callback_id === 'give')
}

/** The form as our app draws it, for the other app to open. */
async function ourForm({ ourSlack }: Apps) {
  const [person] = peopleOf(ourSlack, 1)
  if (!person) throw new Error('nobody is there')
  await person.command('/withdraw-coupon', send(newUser()))
  const { title, submit, close, blocks, callback_id } = await ourSlack.waitFor(() => {
    const view = person.view()
    return view?.callback_id === 'give' ? view : null
  })
  await person.close()
  return { type: 'modal', title, submit, close, blocks, callback_id }
}

async function list(slack: SlackSandbox, count: number): Promise<number> {
  const since = lastEntry(slack)
  const openid = newUser()
  await steadily(peopleOf(slack, count), (person) => person.command('/withdraw-coupon', `list ${openid}`))
  await quiet(slack, QUIET)
  return median(acknowledgements(slack, '/withdraw-coupon', since))
}

/** Chooses the global shortcut "Give a coupon", which opens the form. */
async function choose(slack: SlackSandbox, count: number): Promise<number> {
  const people = peopleOf(slack, count)
  const since = lastEntry(slack)
  await steadily(people, (person) => person.shortcut('give'))
  await quiet(slack, QUIET)
  for (const person of people) if (person.view()) await person.close()
  return median(acknowledgements(slack, 'shortcut', since))
}

async function submit(slack: SlackSandbox, count: number, every: number): Promise<number> {
  const people = peopleOf(slack, count)
  await Promise.all(people.map((person) => askFor(slack, person)))
  await quiet(slack, QUIET)
  const since = lastEntry(slack)
  await steadily(people, submitForm, every)
  await quiet(slack, QUIET)
  for (const person of people) if (person.view()) await person.close()
  return median(acknowledgements(slack, 'view_submission', since))
}

async function submitForm(person: Person): Promise<void> {
  const result = await person.submit()
  if (result.kind === 'failed' || result.kind === 'errors') throw new Error(JSON.stringify(result))
}

async function warmUp(slack: SlackSandbox, { warmUps, scale }: Pace): Promise<void> {
  if (warmUps === 0) return
  for (let turn = 0; turn < WARM_UPS; turn++) await submit(slack, Math.round(PEOPLE * scale), EVERY / 4)
}

/** Starts one act every `every` ms by the clock, whether or not earlier ones have ended. */
export async function steadily<T>(
  items: readonly T[],
  act: (item: T) => Promise<unknown>,
  every = EVERY,
): Promise<void> {
  const began = performance.now()
  const acts: Promise<unknown>[] = []
  for (const [number, item] of items.entries()) {
    await sleep(Math.max(0, began + number * every - performance.now()))
    acts.push(act(item))
  }
  await Promise.all(acts)
}
