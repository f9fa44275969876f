import { exampleWorkspace, type Workspace } from './slack/index.ts'
import type { PolicyFacts } from './story/plan.ts'

const bot = exampleWorkspace.app.botUserId
/** Whom of the example workspace a role is given to. */
const players: Record<string, string[]> = {
  viewer: ['U0AGENT1', 'U0AGENT2', 'U0LEAD1', 'U0LEAD2'],
  requester: ['U0AGENT1', 'U0AGENT2', 'U0LEAD1', 'U0LEAD2'],
  approver: ['U0LEAD1', 'U0LEAD2'],
  auditor: ['U0AUDIT1'],
  operator: ['U0OPS001'],
}

/**
 * The example workspace with what a policy names besides: its user groups, filled by their roles, and its channels.
 * So the policy of a real workspace can be tried before it is used there.
 */
export function workspaceFor({ roles, approval, alerts }: PolicyFacts): Workspace {
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
  return workspace
}
