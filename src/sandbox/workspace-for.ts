import { exampleWorkspace, type Workspace } from './slack/index.ts'
import type { PolicyFacts } from './story/plan.ts'

const bot = exampleWorkspace.app.botUserId
/** The people of the example workspace who play each role. */
const players: Record<string, string[]> = {
  viewer: ['U0AGENT1', 'U0AGENT2', 'U0LEAD1', 'U0LEAD2'],
  requester: ['U0AGENT1', 'U0AGENT2', 'U0LEAD1', 'U0LEAD2'],
  approver: ['U0LEAD1', 'U0LEAD2'],
  auditor: ['U0AUDIT1'],
  operator: ['U0OPS001'],
}

/** Names that differ in a workspace whose people speak Chinese. */
const inChinese: Record<string, string> = {
  'Example Support': '示例客服团队',
  support: '客服',
  'coupon-approvals': '发券审批',
  'coupon-alerts': '发券告警',
  random: '闲聊',
  'shared-with-partner': '合作伙伴',
  approvals: '审批',
  alerts: '告警',
  'Support agents': '客服人员',
  'Support leads': '客服主管',
  'Support agent': '客服',
  'Support lead': '客服主管',
  Auditor: '审计',
  Operator: '运维',
  Partner: '合作伙伴',
}
const slackLocales = { en: 'en-US', 'zh-CN': 'zh-CN' }

/**
 * The example workspace plus what a policy names: its user groups, with members by role, and its channels. So people
 * can try the policy of a real workspace before they use it there.
 *
 * @param locale everybody's Slack language, and the language of channel names; undefined: names in English, people of
 * both languages
 */
export function workspaceFor(
  { roles, approval, alerts }: PolicyFacts,
  locale?: keyof typeof slackLocales,
): Workspace {
  const workspace = structuredClone(exampleWorkspace)
  const named = new Set(Object.values(roles).flat())
  for (const id of named) {
    if (!id.startsWith('S') || workspace.groups.some((group) => group.id === id)) continue
    const users = Object.entries(players).flatMap(([role, people]) =>
      roles[role]?.includes(id) ? people : [],
    )
    workspace.groups.push({ id, handle: id.toLowerCase(), name: id, users: [...new Set(users)] })
  }
  for (const [id, name] of [
    [approval.channel, 'approvals'],
    [alerts, 'alerts'],
  ] as const) {
    if (id === null || workspace.channels.some((channel) => channel.id === id)) continue
    workspace.channels.push({ id, name, members: ['U0LEAD1', 'U0LEAD2', 'U0OPS001', bot] })
  }
  if (locale) speak(workspace, locale)
  return workspace
}

function speak({ team, people, groups, channels }: Workspace, locale: keyof typeof slackLocales): void {
  const called = (name: string) => (locale === 'zh-CN' ? (inChinese[name] ?? name) : name)
  for (const one of [team, ...groups, ...channels]) one.name = called(one.name)
  for (const person of people) {
    person.locale = slackLocales[locale]
    if (person.title !== undefined) person.title = called(person.title)
  }
}
