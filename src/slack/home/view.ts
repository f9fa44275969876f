import type { ActionsBlock, AnyBlock, DividerBlock, HomeView } from '@slack/types'
import type { Policy } from '../../domain/policy.ts'
import type { FoundGrant, HomeFacts } from '../../grants/index.ts'
import { button, buttonRow, cancelOwnButton, decideButtons, moreMenu } from '../blocks/buttons-and-views.ts'
import { refusalBlocks } from '../blocks/explain.ts'
import { decisionFacts, grantHeadline } from '../blocks/grant-facts.ts'
import {
  endedLines,
  expiryText,
  holdReason,
  isSettledNotIssued,
  needsPeople,
  refusedBy,
  whyEnded,
} from '../blocks/grant-parts.ts'
import { checkText, faultScope, keyText, pausedStock } from '../blocks/hold.ts'
import { channelText } from '../blocks/news.ts'
import { actorText, barLine, type Reader } from '../blocks/reader.ts'
import { setUpBlocks } from '../blocks/set-up.ts'
import { context, fitView, header, safe, section } from '../blocks/text.ts'
import { actions } from '../ids.ts'

/** If there are more limits, the first are shown. */
const MOST_LIMITS = 12
const MOST_HOLDS = 6
const MOST_FINDINGS = 3
const MOST_STOCKS = 20
const MOST_LINES_OF_REASON = 2
const DIVIDER: DividerBlock = { type: 'divider' }

/** What a person's Home says, without its time. If it hasn't changed, it need not be published again. */
export function homeBlocks(facts: HomeFacts, policy: Policy, reader: Reader): AnyBlock[] {
  const { rights } = facts
  const { mayRequest, mayLookUp } = rights
  const parts = [
    ...waitingPart(facts.waiting, reader),
    ...stuckPart(facts.stuck, reader),
    ...setUpPart(facts, reader),
    ...minePart(facts, reader),
    ...monthPart(facts.month, reader),
    ...leftPart(facts, reader),
  ]
  // A person who may do nothing is told why, and who can change that.
  if (mayRequest && mayLookUp && !rights.decides && facts.stuck === null && facts.month === null)
    return [...refusalBlocks([mayRequest], policy, reader).blocks, ...parts]
  return parts
}

/**
 * What this person may start. If their rights could not be read, every action is offered and decided when it is tried.
 * @param finds whether this person can find users by other numbers
 */
export function homeButtons(facts: HomeFacts | null, finds: boolean, { words }: Reader): ActionsBlock {
  const { home } = words
  const { mayRequest = null, mayLookUp = null } = facts?.rights ?? {}
  return buttonRow(
    ...(mayRequest === null ? [button(actions.homeGive, home.give, 'give', 'primary' as const)] : []),
    ...(mayLookUp === null ? [button(actions.homeLookUp, home.lookUp, 'look-up')] : []),
    ...(finds ? [button(actions.homeFind, home.find, 'find')] : []),
    button(actions.homeRefresh, home.refresh, 'refresh'),
  )
}

/** @param above blocks about a click, shown above the rest @param at time of the facts, epoch ms */
export function homeView(
  said: readonly AnyBlock[],
  options: {
    buttons: ActionsBlock
    above: readonly AnyBlock[]
    at: number
    reader: Reader
  },
): HomeView {
  const { buttons, above, at, reader } = options
  const { words, dates } = reader
  return fitView(
    {
      type: 'home',
      blocks: [buttons, ...above, ...said, context(words.home.asOf(dates.slack(at)))],
    },
    words,
  )
}

function waitingPart(waiting: HomeFacts['waiting'], reader: Reader): AnyBlock[] {
  if (!waiting) return []
  const { home } = reader.words
  const { newest, count, isMore } = waiting
  return [
    header(home.waiting(count, isMore)),
    ...newest.flatMap(({ grant, beside }) => [
      section(`*${safe(grantHeadline(grant, beside, reader), 200)}*`),
      ...decisionFacts(grant, beside, reader),
      buttonRow(
        ...decideButtons({ grant, decisions: beside.decisions }, grant.id, reader),
        moreMenu(grant.id, ['history', 'ids'], reader),
      ),
      DIVIDER,
    ]),
    ...(count > newest.length
      ? [
          context(home.newest(newest.length, count)),
          buttonRow(button(actions.foundNext, home.allWaiting, 'pending|1|')),
        ]
      : []),
  ]
}

function minePart({ mine, rights }: HomeFacts, reader: Reader): AnyBlock[] {
  const { home } = reader.words
  if (mine.newest.length === 0)
    return rights.mayRequest === null ? [header(home.mine), section(home.mineNone)] : []
  return [
    header(home.mine),
    ...mine.newest.flatMap((one, index) => [...(index > 0 ? [DIVIDER] : []), ...ownBlocks(one, reader)]),
    ...(mine.hasMore ? [buttonRow(button(actions.foundNext, home.allMine, 'mine|1|'))] : []),
  ]
}

function ownBlocks(
  { grant, decisions }: Pick<FoundGrant, 'grant' | 'decisions'>,
  reader: Reader,
): AnyBlock[] {
  const { words, dates, name } = reader
  const why = holdReason(grant, words)
  const facts = [
    dates.slack(grant.createdAt),
    name(grant.reasonName),
    ...(grant.state === 'issued' ? [expiryText(grant, reader)] : []),
    ...(why === null ? [] : [why]),
    ...endedLines(grant, reader),
    ...(grant.state === 'refused' && !isSettledNotIssued(grant) ? [refusedBy(grant, words).why] : []),
  ]
  return [
    {
      ...section(`*${safe(grantHeadline(grant, { decisions }, reader), 200)}*\n${facts.join(' · ')}`),
      accessory: moreMenu(grant.id, ['lookup', 'history', 'ids'], reader),
    },
    ...whyEnded(grant, reader, MOST_LINES_OF_REASON),
    ...(['pending', 'approved'].includes(grant.state)
      ? [buttonRow(button(actions.change, words.card.change, grant.id), cancelOwnButton(grant.id, reader))]
      : []),
  ]
}

function leftPart({ budget }: HomeFacts, reader: Reader): AnyBlock[] {
  const { words } = reader
  const { lines, lookups } = budget
  const shown = lines.slice(0, MOST_LIMITS).map((line) => barLine(line, reader))
  const more = lines.length > MOST_LIMITS ? [words.cut.more(lines.length - MOST_LIMITS)] : []
  const below = lookups ? [words.left.lookups(lookups.left, lookups.max, lookups.per / 60_000)] : []
  if (shown.length + below.length === 0) return []
  return [
    header(words.home.left),
    ...(shown.length > 0 ? [section([...shown, ...more].join('\n'))] : []),
    ...(below.length > 0 ? [context(...below)] : []),
  ]
}

function stuckPart(stuck: HomeFacts['stuck'], reader: Reader): AnyBlock[] {
  if (!stuck) return []
  const { words, dates } = reader
  const { home, pausing } = words
  const people = stuck.grants.filter(({ grant }) => needsPeople(grant)).length
  const holds = stuck.holds.slice(0, MOST_HOLDS).map((hold) => {
    const when = dates.slack(hold.since)
    const paused = pausedStock(hold)
    return paused === undefined
      ? home.fault(faultScope(hold, false, reader), when, checkText(hold, words))
      : home.paused(
          pausing.title(paused === null ? null : keyText(paused)),
          actorText(hold.begunBy, words),
          when,
        )
  })
  const left = stuck.holds.length - holds.length
  const lines = [
    ...holds,
    ...(left > 0 ? [words.cut.more(left)] : []),
    ...stuck.closed
      .slice(0, MOST_HOLDS)
      .map(({ channel, code }) => home.closed(channelText(channel, words), `\`${safe(code)}\``)),
    ...(people > 0 ? [home.needsLook(people, stuck.hasMore && people === stuck.grants.length)] : []),
  ]
  const isNothing = lines.length === 0 && stuck.grants.length === 0
  return [
    header(home.stuck),
    section(
      lines.length > 0 ? lines.join('\n') : isNothing ? home.stuckNone : home.checking(stuck.grants.length),
    ),
    ...(isNothing ? [] : [buttonRow(button(actions.homeStuck, home.showStuck, 'stuck'))]),
  ]
}

/** The findings that `doctor` shows, the worst first; the button checks everything again. */
function setUpPart({ rights, setUp }: HomeFacts, reader: Reader): AnyBlock[] {
  if (!rights.roles.includes('operator')) return []
  const { home } = reader.words
  return [
    header(home.setUp),
    ...(setUp ? setUpBlocks(setUp, MOST_FINDINGS, reader) : []),
    buttonRow(button(actions.homeSetUp, home.checkSetUp, 'set-up')),
  ]
}

function monthPart(month: HomeFacts['month'], { words, amount, name }: Reader): AnyBlock[] {
  if (!month) return []
  const { home, cut } = words
  const sum = (measure: 'count' | 'quota') => month.reduce((all, one) => all + one[measure], 0)
  const left = month.length - MOST_STOCKS
  return [
    header(home.month),
    section(
      [
        ...month
          .slice(0, MOST_STOCKS)
          .map(({ stock, count, quota }) => home.monthLine(name(stock.name), count, amount(quota))),
        ...(left > 0 ? [cut.more(left)] : []),
        home.monthSum(sum('count'), amount(sum('quota'))),
      ].join('\n'),
    ),
    context(home.monthSays),
  ]
}
