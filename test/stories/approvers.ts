import { expect } from 'vitest'
import type { Message, Person } from '../../src/sandbox/slack/index.ts'
import { textOf, type World } from './world.ts'

/** Shared by the stories about approving: the ask, the card, and the answers to those who press. */

export const OPENID = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'
export const CHANNEL = 'C0APPROVE'

/** Asks for a coupon that people decide; by default Ada asks. */
export async function ask(
  { slack }: World,
  { by = 'U0AGENT1', text = `${OPENID} withdraw-50 apology SUP-12` } = {},
): Promise<Person> {
  const person = slack.person(by)
  await person.command('/withdraw-coupon', `send ${text}`)
  await slack.waitFor(() => person.view()?.callback_id === 'give')
  expect(await person.submit()).toEqual({ kind: 'updated' })
  return person
}

/** The approvers' card, once it shows all of these words. */
export function card({ slack }: World, ...words: string[]): Promise<Message> {
  return slack.waitFor(
    () =>
      slack
        .channelMessages(CHANNEL)
        .find((message) => !message.thread_ts && words.every((word) => textOf(message).includes(word))),
    {
      what: `a card with ${words.join(', ')}; there is ${textOf(slack.channelMessages(CHANNEL).at(-1))}`,
    },
  )
}

/** Presses a button of the approvers' card, or chooses in its menu: `more:history`. */
export async function press(world: World, id: string, actionId: string, message: Message): Promise<void> {
  const [action = '', choice] = actionId.split(':')
  const value = choice && new RegExp(`"(${choice}\\|[^"]+)"`).exec(JSON.stringify(message.blocks))?.[1]
  const pressed = await world.slack.person(id).press({
    actionId: action,
    channel: message.channel,
    messageTs: message.ts,
    ...(value ? { value } : {}),
  })
  expect(pressed).toMatchObject({ ok: true })
}

/** The latest answer that only this person sees, once it has all of these words. */
export function answer({ slack }: World, id: string, ...words: string[]): Promise<Message> {
  const seen = () => slack.person(id).messages(CHANNEL).concat(slack.person(id).messages('C0SUPPORT'))
  return slack.waitFor(
    () =>
      seen().findLast(
        (message) => message.onlyFor === id && words.every((word) => textOf(message).includes(word)),
      ),
    { what: `an answer to ${id} with ${words.join(', ')}; there is ${textOf(seen().at(-1))}` },
  )
}
