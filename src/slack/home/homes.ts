import type { AnyBlock } from '@slack/types'
import type { Finding } from '../../doctor/index.ts'
import { isLedgerBusy } from '../../grants/index.ts'
import { section } from '../blocks/text.ts'
import { isContentRefused, isNobody, retryAfterMs, slackCode } from '../edge/errors.ts'
import type { Edge } from '../edge/handlers.ts'
import type { User } from '../edge/payloads.ts'
import { homeBlocks, homeButtons, homeView } from './view.ts'

/** ms for which a Home follows changes after it was opened: Slack doesn't say when a person leaves it. */
const LATELY = 15 * 60_000
/** If more people than this have a Home open, those who opened it first must press Refresh. */
const MOST_PEOPLE = 500
/** Slack takes 100 `views.publish` a minute. */
const MOST_A_MINUTE = 100
/** Background updates among these; the rest is for people who open a Home or press Refresh. */
const MOST_IN_BACKGROUND = 80
const MINUTE = 60_000
/** Homes published at the same time. */
const AT_ONCE = 10
/** After a round, Homes rest for this many times its duration, so that they never take much of the ledger. */
const RESTS = 9
/** ms; a long round mostly waited for Slack. */
const LONGEST_REST = 3000
/** ms before a failed Home is tried again, if Slack doesn't say how long to wait. */
const AGAIN = 10_000
const ROLES_WITHIN = 5000

/** Whether no later try can succeed. */
const isNever = (error: unknown) => isNobody(error) || isContentRefused(error)

interface Home {
  user: User
  openedAt: number
  /** The change up to which it was drawn. */
  seen: number
  /** The findings of the set-up's checks that it was drawn with. */
  setUp: readonly Finding[] | null
  /** What it shows, as text. */
  said: string | null
  /** Slack's hash of the published view. */
  hash: string | undefined
  /**
   * Settles once the current draw is published: draws run one after the other, so that an older one never overtakes.
   */
  tail: Promise<void>
}

export interface Homes {
  /** Draws the Home of a person who opened it. @param hash Slack's hash of what was there */
  opened(user: User, hash: string | null): Promise<void>
  /** Redraws a Home, whether or not anything changed. @param above blocks about a click, shown above the rest */
  draw(user: User, above?: readonly AnyBlock[]): Promise<void>
  /** Redraws recently opened Homes that have changed. @returns 0: it rests before it looks again */
  drawDue(): Promise<number>
}

/**
 * The Homes that people are looking at. Only this process knows which these are: after a restart, a Home updates again
 * once it is opened. A Home only informs; each click is checked again.
 */
export function createHomes(edge: Edge): Homes {
  const { client, grants, customers, people, logger, now } = edge
  const homes = new Map<string, Home>()
  /** When each view was published, by the machine's clock, and whether a person waited for it. */
  let published: { at: number; isAwaited: boolean }[] = []
  let restsUntil = 0

  function homeOf(user: User): Home {
    const known = homes.get(user.id)
    // Keeps the most recently opened Home last.
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

  /** @param isForced publishes it even if it says the same */
  function publish(home: Home, above: readonly AnyBlock[], isForced: boolean): Promise<void> {
    const drawn = home.tail.then(async () => {
      // Read before the facts, so that the next round draws what changes meanwhile.
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

  /** A newer view overwrites what another process or an earlier run has published meanwhile. */
  async function send(home: Home, view: ReturnType<typeof homeView>, isAwaited: boolean): Promise<void> {
    const to = { user_id: home.user.id, view }
    const call = (over: { hash?: string }) => {
      // Slack also counts the calls that it refuses.
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

  /** Drops a Home until it is opened again, so that others don't wait for it. */
  function giveUp({ user }: Home, error: unknown): void {
    homes.delete(user.id)
    logger.warn({ err: error }, 'a Home can not be drawn')
  }

  return {
    async opened(user, hash) {
      const home = homeOf(user)
      if (hash !== null) home.hash = hash
      // Slack does not repeat the event; the next round draws what it refused.
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
      // The person who opened it last is the most likely to be looking at it.
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
