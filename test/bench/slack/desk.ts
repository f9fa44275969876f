import { readFileSync } from 'node:fs'
import {
  exampleWorkspace,
  type Person,
  type SlackSandbox,
  startSlackSandbox,
} from '../../../src/sandbox/slack/index.ts'

/** A support team at the Slack stand-in, large enough for a steady stream of forms; Slack's rate limits are lifted. */

export const PEOPLE = 50

const idOf = (number: number) => `U0BENCH${String(number).padStart(2, '0')}`

export async function startDesk(): Promise<SlackSandbox> {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL('../../../manifest/manifest.json', import.meta.url), 'utf8'),
  )
  const workspace = structuredClone(exampleWorkspace)
  const ids = Array.from({ length: PEOPLE }, (_, number) => idOf(number))
  workspace.people.push(
    ...ids.map((id) => ({
      id,
      name: id.toLowerCase(),
      realName: id,
      locale: 'en-US',
      tz: 'Europe/London',
      email: `${id.toLowerCase()}@example.com`,
    })),
  )
  for (const group of workspace.groups) if (group.id === 'S0AGENTS') group.users.push(...ids)
  for (const channel of workspace.channels) if (channel.id === 'C0SUPPORT') channel.members.push(...ids)
  return startSlackSandbox({ manifest, workspace, transport: 'socket', rates: false })
}

export function peopleOf(slack: SlackSandbox, count: number): Person[] {
  return Array.from({ length: count }, (_, number) => slack.person(idOf(number % PEOPLE)))
}

/** Waits until nothing was sent in either direction for this many ms: then earlier requests are done. */
export async function quiet(slack: SlackSandbox, milliseconds: number): Promise<void> {
  for (;;) {
    let timer: NodeJS.Timeout | undefined
    const still = new Promise<true>((resolve) => {
      timer = setTimeout(resolve, milliseconds, true)
    })
    const isQuiet = await Promise.race([still, slack.changed().then(() => false)])
    clearTimeout(timer)
    if (isQuiet) return
  }
}

/** ms from sending to acknowledgement, measured by the stand-in, for all deliveries with this name since an entry. */
export function acknowledgements(slack: SlackSandbox, name: string, since: number): number[] {
  return slack
    .traffic()
    .filter((entry) => entry.id > since && entry.direction === 'to_app' && entry.name === name)
    .map(({ ms, error }) => {
      if (error !== undefined || ms === undefined) throw new Error(`${name} was not acknowledged: ${error}`)
      return ms
    })
}

export function lastEntry(slack: SlackSandbox): number {
  return slack.traffic().at(-1)?.id ?? 0
}
