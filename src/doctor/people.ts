import { z } from 'zod'
import { groupsOf, isGroup, levelFor, standingOf } from '../domain/permissions.ts'
import type { ApprovalLevel, Policy } from '../domain/policy.ts'
import { NO_USER_GROUPS, PERSON_UNKNOWN } from '../domain/slack-codes.ts'
import { type Finding, found } from './finding.ts'
import { type Instruments, MISSING, type Setup } from './setup.ts'
import type { AskSlack, Bot } from './slack.ts'

const groupList = z.object({
  usergroups: z.array(
    z.object({
      id: z.string(),
      handle: z.string().default(''),
      date_delete: z.number().default(0),
      users: z.array(z.string()).default([]),
    }),
  ),
})

const userInfo = z.object({
  user: z.object({
    id: z.string(),
    team_id: z.string().optional(),
    deleted: z.boolean().optional(),
    is_bot: z.boolean().optional(),
    is_restricted: z.boolean().optional(),
    is_ultra_restricted: z.boolean().optional(),
    is_stranger: z.boolean().optional(),
    enterprise_user: z.object({ teams: z.array(z.string()).optional() }).optional(),
  }),
})

/** Members by group; a group that does not count has none. */
type Groups = ReadonlyMap<string, readonly string[]>
/**
 * Somebody whom the policy names, as Slack knows them. `why` says why they may not act, in the words of the findings.
 */
type Known = { id: string; mayAct: true } | { id: string | null; mayAct: false; why: string }
/** Null: Slack gave no answer. */
type Look = (member: string) => Promise<Known | null>

/** Checks the people whom the policy names, and whether they are enough to decide. */
export async function checkPeople(ask: AskSlack, { policy: read }: Setup, bot: Bot): Promise<Finding[]> {
  if (!read.ok) return []
  const { policy } = read
  const { findings, groups } = await checkGroups(ask, policy)
  const look = createLook(ask, bot)
  const named = [...new Set(membersOf(policy).filter((member) => !isGroup(member)))]
  const people = await Promise.all(named.map(async (member) => ({ member, known: await look(member) })))
  const odd = people.flatMap(({ member, known }) => {
    if (known === null || known.mayAct) return []
    return [
      known.why === 'unknown'
        ? found('person-missing', { person: member })
        : found('person-without-role', { person: member, why: known.why }),
    ]
  })
  const isGood = named.length > 0 && people.every(({ known }) => known?.mayAct)
  const good = isGood ? [found('people-good', { count: named.length })] : odd
  const untold = people.some(({ known }) => known === null) ? [found('people-untold')] : []
  // Groups that Slack didn't give say nothing about who is left.
  const reach = groups ? await checkReach(policy, groups, look) : []
  return [...findings, ...untold, ...good, ...reach]
}

function membersOf({ roles, approval }: Policy): string[] {
  return [...Object.values(roles).flat(), ...approval.levels.flatMap((level) => level.approvers)]
}

/** Reads all groups in one call, however many there are: Slack counts calls. */
async function checkGroups(
  ask: AskSlack,
  policy: Policy,
): Promise<{ findings: Finding[]; groups: Groups | null }> {
  const wanted = groupsOf(policy)
  if (wanted.length === 0) return { findings: [], groups: new Map() }
  const answer = await ask('usergroups.list', { include_users: 'true', include_disabled: 'true' })
  if (answer.kind === 'none') return { findings: [answer.finding], groups: null }
  if (answer.kind === 'refused') {
    const isPlan = NO_USER_GROUPS.includes(answer.code)
    const finding = isPlan
      ? found('groups-need-plan', { groups: wanted.join(', ') })
      : found('slack-untold', { why: answer.code })
    return { findings: [finding], groups: isPlan ? new Map() : null }
  }
  const all = groupList.safeParse(answer.body).data?.usergroups ?? []
  const judged = wanted.map((id) => {
    const group = all.find((one) => one.id === id)
    const values = { group: id, handle: group?.handle ?? '' }
    if (!group) return { id, users: [], finding: found('group-missing', values) }
    if (group.date_delete > 0) return { id, users: [], finding: found('group-disabled', values) }
    return { id, users: group.users, finding: group.users.length === 0 ? found('group-empty', values) : null }
  })
  const findings = judged.flatMap(({ finding }) => finding ?? [])
  return {
    findings: findings.length > 0 ? findings : [found('groups-good', { count: wanted.length })],
    groups: new Map(judged.map(({ id, users }) => [id, users])),
  }
}

/** Looks up each person once. */
function createLook(ask: AskSlack, bot: Bot): Look {
  const kept = new Map<string, Promise<Known | null>>()
  const look = async (member: string): Promise<Known | null> => {
    const answer = await (member.includes('@')
      ? ask('users.lookupByEmail', { email: member })
      : ask('users.info', { user: member }))
    if (answer.kind === 'none') return null
    if (answer.kind === 'refused')
      return PERSON_UNKNOWN.includes(answer.code) ? { id: null, mayAct: false, why: 'unknown' } : null
    const user = userInfo.safeParse(answer.body).data?.user
    if (!user) return null
    const why = whyNot(user, bot)
    return why === null ? { id: user.id, mayAct: true } : { id: user.id, mayAct: false, why }
  }
  return (member) => {
    const known = kept.get(member) ?? look(member)
    kept.set(member, known)
    return known
  }
}

function whyNot(user: z.output<typeof userInfo>['user'], { teamId }: Bot): string | null {
  const standing = standingOf(user)
  if (standing !== 'member') return standing
  const isHome = user.team_id === undefined || user.team_id === teamId
  const isHomeInGrid = user.enterprise_user?.teams?.includes(teamId) === true
  return user.is_stranger || !(isHome || isHomeInGrid) ? 'other-workspace' : null
}

/** Checks that somebody may ask, that somebody operates, and that every ask can be decided without its requester. */
async function checkReach(policy: Policy, groups: Groups, look: Look): Promise<Finding[]> {
  const { roles, approval } = policy
  const first = async (members: readonly string[]) =>
    (await reachable(members, groups, look, 1))?.length !== 0
  const [mayRequest, mayOperate] = await Promise.all([first(roles.requester), first(roles.operator)])
  const levels = await Promise.all(
    levelsInUse(policy).map(async ({ level, approvals, approvers }) => {
      const enough = await reachable(approvers, groups, look, approvals + 1)
      if (enough === null) return []
      const values = {
        level,
        approvals,
        approvers: approvers.join(', '),
        reachable: enough.length,
      }
      if (enough.length < approvals) return [found('quorum-short', values)]
      const isSpare = enough.length > approvals || approval.selfApproval
      const stuck = isSpare ? undefined : enough.find((id) => asks(id, roles.requester, groups))
      return [
        stuck === undefined
          ? found('quorum-good', values)
          : found('quorum-short-for-requester', {
              ...values,
              reachable: enough.length - 1,
              requester: stuck,
            }),
      ]
    }),
  )
  return [
    ...(mayRequest ? [] : [found('nobody-requests', { requesters: roles.requester.join(', ') })]),
    ...(mayOperate ? [] : [found('nobody-operates', { operators: roles.operator.join(', ') })]),
    ...levels.flat(),
  ]
}

/** The levels that decide some stock of the policy; `level` counts from 1, empty if none fits. */
function levelsInUse(policy: Policy) {
  const used = policy.stocks.map((stock) => {
    const found = levelFor(policy, stock)
    const index = policy.approval.levels.indexOf(found as ApprovalLevel)
    return { ...found, level: index < 0 ? '' : String(index + 1) }
  })
  return [...new Map(used.map((one) => [one.level, one])).values()]
}

function asks(id: string, requesters: readonly string[], groups: Groups): boolean {
  return requesters.some((member) => member === id || groups.get(member)?.includes(id) === true)
}

/**
 * Ids of the people among these members who may act now, at most `enough` of them.
 * @returns null if there are fewer and Slack didn't answer for all of them
 */
async function reachable(
  members: readonly string[],
  groups: Groups,
  look: Look,
  enough: number,
): Promise<string[] | null> {
  const all = [
    ...new Set(members.flatMap((member) => (isGroup(member) ? (groups.get(member) ?? []) : [member]))),
  ]
  const ids = new Set<string>()
  let isUntold = false
  for (const member of all) {
    if (ids.size >= enough) break
    const known = await look(member)
    if (known?.mayAct) ids.add(known.id)
    if (known === null) isUntold = true
  }
  return isUntold && ids.size < enough ? null : [...ids]
}

/** A value that belongs to nobody: a look-up that keeps the contract answers that it knows no such user. */
const NOBODY = 'set-up-check'

/** Checks that the merchant's own look-up of users answers, signed as agreed. No finding if the policy names none. */
export async function checkLookup(
  { problems, policy: read }: Setup,
  { lookUp }: Instruments,
): Promise<Finding[]> {
  if (!read.ok) return []
  const { customers, stocks } = read.policy
  const [kind] = customers?.kinds ?? []
  if (!customers?.endpoint || !kind) return []
  const appids = [...new Set(stocks.map(({ appid }) => appid))].filter((appid) => appid !== MISSING)
  // The settings report what is missing or wrong in them.
  if (appids.length === 0 || problems.some(({ variable }) => variable.startsWith('CUSTOMER_LOOKUP_')))
    return []
  if (lookUp === null) return [found('lookup-off')]
  const failed = await lookUp(customers.endpoint, {
    kind: kind.key,
    value: NOBODY,
    appids,
    askedBy: 'doctor',
  })
  return [failed === null ? found('lookup-good') : found('lookup-faulty', failed)]
}
