import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { Exchange } from './exchange.ts'
import type { Setup } from './setup.ts'
import { createAskSlack } from './slack.ts'

/** What a workspace offers for a first policy. */
export interface Choices {
  /** Groups with the most members come first. */
  groups: { id: string; handle: string; users: number }[]
  /** Without archived and shared ones; `isMember` says whether the app is in it. */
  channels: { id: string; name: string; isMember: boolean }[]
}

const groupList = z.object({
  usergroups: z.array(
    z.object({ id: z.string(), handle: z.string(), user_count: z.coerce.number().default(0) }),
  ),
})
const channelList = z.object({
  channels: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      is_member: z.boolean().default(false),
      is_ext_shared: z.boolean().default(false),
    }),
  ),
  response_metadata: z.object({ next_cursor: z.string().default('') }).optional(),
})
/** Pages of channels, 200 each: if there are more, the person types an id. */
const MOST_PAGES = 5

/** Reads the choices. Leaves out what Slack doesn't give, such as user groups without a paid plan. */
export async function readChoices(setup: Setup['slack'], exchange: Exchange): Promise<Choices> {
  const ask = createAskSlack({ exchange, setup, wait: (ms) => sleep(ms) })
  const listed = await ask('usergroups.list', { include_count: 'true' })
  const groups = listed.kind === 'ok' ? (groupList.safeParse(listed.body).data?.usergroups ?? []) : []
  const channels: Choices['channels'] = []
  let cursor = ''
  for (let page = 0; page < MOST_PAGES; page++) {
    const answer = await ask('conversations.list', {
      types: 'public_channel,private_channel',
      exclude_archived: 'true',
      limit: '200',
      ...(cursor === '' ? {} : { cursor }),
    })
    const read = answer.kind === 'ok' ? channelList.safeParse(answer.body).data : undefined
    for (const { id, name, is_member, is_ext_shared } of read?.channels ?? [])
      if (!is_ext_shared) channels.push({ id, name, isMember: is_member })
    cursor = read?.response_metadata?.next_cursor ?? ''
    if (cursor === '') break
  }
  return {
    groups: groups
      .map(({ id, handle, user_count: users }) => ({ id, handle, users }))
      .toSorted((one, other) => other.users - one.users),
    channels: channels.toSorted((one, other) => Number(other.isMember) - Number(one.isMember)),
  }
}
