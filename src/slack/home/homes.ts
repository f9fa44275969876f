import type { AnyBlock } from '@slack/types'
import type { Finding } from '../../doctor/index.ts'
import { isLedgerBusy } from '../../grants/index.ts'
import { section } from '../blocks/text.ts'
import { isContentRefused, isNobody, retryAfterMs, slackCode } from '../edge/errors.ts'
import type { Edge } from '../edge/handlers.ts'
import type { User } from '../edge/payloads.ts'
import { homeBlocks, homeButtons, homeView } from './view.ts'

/** Slack doesn't tell when somebody leaves it: for so many ms after it was opened it follows what changes. */
const LATELY = 15 * 60_000
/** Of more people than this those who opened it first are left to Refresh. */
const MOST_PEOPLE = 500
/** Slack takes 100 `views.publish` a minute. */
const MOST_A_MINUTE = 100
/** Of these in the background: the rest is for those who open it or press Refresh. */
const MOST_IN_BACKGROUND = 80
const MINUTE = 60_000
/** Published at once. */
const AT_ONCE = 10
/** A round is followed by a rest of so many times what it took, so that Homes never take much of the ledger. */
const RESTS = 9
/** ms; most of a long round was waiting for Slack. */
const LONGEST_REST = 3000
/** ms after which what failed is tried again, where Slack does not say. */
const AGAIN = 10_000
const ROLES_WITHIN = 5000

/** Whether no later try can draw it. */
const isNever = (error: unknown) => isNobody(error) || isContentRefused(error)

interface Home {
  user: User
  openedAt: number
  /** Up to which change it was drawn. */
  seen: number
  /** With what the set-up's checks had found. */
  setUp: readonly Finding[] | null
  /** What it says, as text. */
  said: string | null
  /** Slack's hash of what is there. */
  hash: string | undefined
  /** Settles once whatever is drawn now is there: one after another, so that nothing older overtakes. */
  tail: Promise<void>
}

export interface Homes {
  /** Draws it for somebody who opened it. @param hash Slack's, of what was there */
  opened(user: User, hash: string | null): Promise<void>
  /** Draws it anew, whether or not anything changed. @param above what a click did, to stand above all */
  draw(user: User, above?: readonly AnyBlock[]): Promise<void>
  /** Draws the Homes that were opened lately and of which something changed. @returns 0: it rests before it looks again */
  drawDue(): Promise<number>
}

/**
 * The Homes that people look at. Only this process knows which these are: after a restart, a Home updates again once it
 * is opened. What it shows is only information; each click is checked again.
 */
export function createHomes(edge: Edge): Homes {
  const { client, grants, customers, people, logger, now } = edge
  const homes = new Map<string, Home>()
  /** When each was published, by the machine's clock, and whether nobody waited for it. */
  let published: { at: number; isAwaited: boolean }[] = []
  let restsUntil = 0

  function homeOf(user: User): Home {
    const known = homes.get(user.id)
    // The last opened stand last.
    homes.delete(user.id)
    const home = known ?? {
      user,
      openedAt: 0,
      seen: 0,
      setUp: null,
      said: null,
      hash: undefined,
      tail: Promise.resolve(),
    }
    home.openedAt = performance.now()
    homes.set(user.id, home)
    for (const [id] of homes) {
      if (homes.size <= MOST_PEOPLE) break
      homes.delete(id)
    }
    return home
  }

  /** @param isForced also where it would say the same */
  function publish(home: Home, above: readonly AnyBlock[], isForced: boolean): Promise<void> {
    const drawn = home.tail.then(async () => {
      // Read before the facts: what changes meanwhile is drawn by the next round.
      const seen = await grants.latestChange()
      const setUp = grants.setUpFound()
      const { person, reader } = await people.who(home.user, ROLES_WITHIN)
      const facts = await grants.home(person).catch((error: unknown) => {
        if (!isLedgerBusy(error)) throw error
        return null
      })
      const blocks = facts ? homeBlocks(facts, grants.policy(), reader) : [section(reader.words.home.busy)]
      const finds = customers.kinds().length > 0 && customers.mayNotFind(person) === null
      const buttons = homeButtons(facts, finds, reader)
      const said = JSON.stringify([buttons, blocks])
      if (isForced || said !== home.said) {
        const view = homeView(blocks, { buttons, above, at: now(), reader })
        await send(home, view, isForced)
        home.said = said
      }
      if (!facts) return
      home.seen = seen
      home.setUp = setUp
    })
    home.tail = drawn.catch(() => {})
    return drawn
  }

  /** What somebody else published meanwhile, another process or an earlier run, is written over by what is newer. */
  async function send(home: Home, view: ReturnType<typeof homeView>, isAwaited: boolean): Promise<void> {
    const to = { user_id: home.user.id, view }
    const call = (over: { hash?: string }) => {
      // Slack counts what it refuses, too.
      published.push({ at: performance.now(), isAwaited })
      return client.views.publish({ ...to, ...over })
    }
    const { view: there } = await call(home.hash === undefined ? {} : { hash: home.hash }).catch(
      (error: unknown) => {
        if (slackCode(error) !== 'hash_conflict') throw error
        return call({})
      },
    )
    home.hash = there?.hash
  }

  /** Until it is opened again; others need not wait for it. */
  function giveUp({ user }: Home, error: unknown): void {
    homes.delete(user.id)
    logger.warn({ err: error }, 'a Home can not be drawn')
  }

  return {
    async opened(user, hash) {
      const home = homeOf(user)
      if (hash !== null) home.hash = hash
      // Slack does not repeat it: what was not taken is drawn by the next round.
      await publish(home, [], hash === null || home.said === null).catch((error: unknown) => {
        home.seen = -1
        home.said = null
        if (isNever(error)) return giveUp(home, error)
        restsUntil = performance.now() + (retryAfterMs(error) ?? AGAIN)
        logger.warn({ err: error }, 'a Home was not drawn: it is tried again')
      })
    },
    draw: (user, above = []) => publish(homeOf(user), above, true),
    async drawDue() {
      const at = performance.now()
      for (const [id, { openedAt }] of homes) if (at - openedAt > LATELY) homes.delete(id)
      if (homes.size === 0 || at < restsUntil) return 0
      const latest = await grants.latestChange()
      published = published.filter((one) => at - one.at < MINUTE)
      const inBackground = published.filter(({ isAwaited }) => !isAwaited).length
      const left = Math.min(MOST_A_MINUTE - published.length, MOST_IN_BACKGROUND - inBackground)
      // Who opened it last looks at it most likely.
      const behind = [...homes.values()]
        .filter(({ seen, setUp }) => seen < latest || setUp !== grants.setUpFound())
        .reverse()
        .slice(0, Math.max(0, left))
      for (let from = 0; from < behind.length; from += AT_ONCE) {
        const some = behind.slice(from, from + AT_ONCE)
        const ends = await Promise.allSettled(some.map((home) => publish(home, [], false)))
        const failures = ends.flatMap((end, index) =>
          end.status === 'rejected' ? [{ end, home: some[index] }] : [],
        )
        for (const { end, home } of failures) if (home && isNever(end.reason)) giveUp(home, end.reason)
        const failed = failures.map(({ end }) => end).find(({ reason }) => !isNever(reason))
        if (!failed) continue
        const wait = retryAfterMs(failed.reason)
        logger.warn({ err: failed.reason, wait }, 'a Home was not drawn: it is tried again')
        restsUntil = performance.now() + (wait ?? AGAIN)
        return 0
      }
      restsUntil = performance.now() + Math.min(LONGEST_REST, RESTS * (performance.now() - at))
      return 0
    },
  }
}
