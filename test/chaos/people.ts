import { setTimeout as sleep } from 'node:timers/promises'
import type { Person } from '../../src/sandbox/slack/index.ts'
import type { Random } from './random.ts'
import { agents, channel, leads, operator, type Stage } from './stage.ts'
import type { Listening } from './told.ts'

/** What people did, and the answers they got at once. */
export interface Doings {
  asks: number
  /** Forms that showed "recorded" on a person's screen, as `person/root view`. */
  recordedViews: string[]
  approvals: number
  rejections: number
  cancels: number
  doubled: number
}

const DM = (id: string) => `D${id.slice(1)}`
const FORM_WITHIN = 2500
const pausable = ['all', 'withdraw-10', 'withdraw-50']

/**
 * People who ask, decide, pause and change their minds until they are stopped; several
 * act for the same user at the same moment.
 */
export function createPeople(deps: { stage: Stage; random: Random; listening: Listening }) {
  const { stage, random, listening } = deps
  const { slack } = stage
  const doings: Doings = { asks: 0, recordedViews: [], approvals: 0, rejections: 0, cancels: 0, doubled: 0 }
  let isOver = false
  let users = 0

  /** Some users come up again and again, so that their limits are reached. */
  function someUser(): string {
    if (random.chance(0.5)) users += 1
    return openidOf(Math.max(0, users - Math.floor(random.between(0, 3))))
  }

  async function agent(person: Person): Promise<void> {
    while (!isOver) {
      if (random.chance(0.12)) await cancelOne(person)
      else await ask(person, someUser(), random.chance(0.65) ? 'withdraw-10' : 'withdraw-50')
      await sleep(random.between(20, 350))
    }
  }

  async function ask(person: Person, openid: string, stock: string): Promise<void> {
    if (!(await openForm(person, openid, stock))) return
    await submit(person)
  }

  async function openForm(person: Person, openid: string, stock: string): Promise<boolean> {
    await person.close().catch(() => {})
    const sent = await person.command('/withdraw-coupon', `send ${openid} ${stock} outage`)
    if (!sent.ok) return false
    return slack
      .waitFor(() => person.view()?.callback_id === 'give', { timeout: FORM_WITHIN })
      .then(() => true)
      .catch(() => false)
  }

  async function submit(person: Person): Promise<void> {
    if (person.view()?.callback_id !== 'give') return
    doings.asks += 1
    if (random.chance(0.1)) {
      doings.doubled += 1
      slack.fault({ name: 'submit_twice' })
    }
    await person.submit().catch(() => {})
    if (person.view()?.callback_id === 'another') await person.submit().catch(() => {})
    const view = person.view()
    if (view?.callback_id === 'recorded') doings.recordedViews.push(`${person.id}/${view.root_view_id}`)
  }

  /** Everybody asks for the same new user, and submits at the same moment. */
  async function rush(): Promise<void> {
    while (!isOver) {
      await sleep(random.between(700, 1500))
      const openid = openidOf(1_000_000 + users)
      users += 1
      const few = rushers.slice(0, 4)
      const open = await Promise.all(few.map((person) => openForm(person, openid, 'withdraw-10')))
      await Promise.all(few.filter((_, index) => open[index]).map(submit))
    }
  }

  const liveCards = (action: string, place: string) =>
    [...listening.posted.values()].filter(
      (posted) => posted.channel === place && posted.actions.includes(action),
    )

  async function cancelOne(person: Person): Promise<void> {
    const [card] = liveCards('cancel_own', DM(person.id))
    if (!card) return
    doings.cancels += 1
    await person.press({ actionId: 'cancel_own', channel: card.channel, messageTs: card.ts }).catch(() => {})
  }

  async function lead(person: Person): Promise<void> {
    while (!isOver) {
      await sleep(random.between(50, 400))
      const cards = liveCards('approve', channel)
      if (cards.length === 0) continue
      const { ts } = random.pick(cards.slice(-6))
      const press = (actionId: string) => person.press({ actionId, channel, messageTs: ts }).catch(() => {})
      if (random.chance(0.2)) {
        doings.rejections += 1
        await reject(person, () => press('reject'))
      } else {
        doings.approvals += 1
        if (random.chance(0.2)) {
          doings.doubled += 1
          slack.fault({ name: 'click_twice' })
        }
        await press('approve')
      }
    }
  }

  async function reject(person: Person, press: () => Promise<unknown>): Promise<void> {
    await person.close().catch(() => {})
    await press()
    const isOpen = await slack
      .waitFor(() => person.view()?.callback_id === 'reject', { timeout: FORM_WITHIN })
      .then(() => true)
      .catch(() => false)
    if (!isOpen) return
    person.fill({ why: 'not this one' })
    await person.submit().catch(() => {})
  }

  /** Pauses everything, or a stock, for a moment. If a kill prevents resuming, the next turn resumes it. */
  async function operate(): Promise<void> {
    while (!isOver) {
      await sleep(random.between(1000, 3000))
      await order(`pause ${random.pick(pausable)} trying`)
      await sleep(random.between(100, 600))
      await resumeAll()
    }
  }

  async function resumeAll(): Promise<void> {
    for (const what of pausable) await order(`resume ${what}`)
  }

  const order = (text: string) => slack.person(operator).command('/withdraw-coupon', text)

  const everyone = [...agents, ...leads].map((id) => slack.person(id))
  const rushers = everyone.slice(0, 4)
  const loops = [
    ...everyone.slice(4, agents.length).map(agent),
    ...everyone.slice(agents.length).map(lead),
    rush(),
    operate(),
  ]
  return {
    doings,
    resumeAll,
    /** Resolves when all have stopped. */
    async stop(): Promise<void> {
      isOver = true
      await Promise.all(loops)
    },
  }
}

function openidOf(number: number): string {
  return `oUpF8uCHAOS${String(number).padStart(17, '0')}`
}
