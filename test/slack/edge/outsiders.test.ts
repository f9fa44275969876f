import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { mayNot, type Person } from '../../../src/domain/permissions.ts'
import type { ListInput } from '../../../src/grants/index.ts'
import { createSlackClients } from '../../../src/slack/edge/clients.ts'
import { actions } from '../../../src/slack/ids.ts'
import { abilitiesWith, grantsThat, grantWith, OPENID, policyWith } from '../builders.ts'
import { startEdge } from '../start-edge.ts'

/** Buttons of a message that was carried into a shared channel can be pressed by people of another company. */

const grant = grantWith({ requester: 'U0ALIEN1' })
const policy = () =>
  policyWith({ roles: { ...policyWith().roles, viewer: ['U0ALIEN1'], requester: ['U0ALIEN1'] } })

/** Grants that decide as the real ones do, over a policy that names the outsider by mistake. */
async function startInSharedChannel() {
  const lists: ListInput[] = []
  const grants = grantsThat({
    policy,
    grant: () => Promise.resolve(grant),
    abilities: (person) =>
      Promise.resolve(abilitiesWith({ mayRequest: mayNot(policy(), person, ['requester']) })),
    list: (input) => {
      lists.push(input)
      const refusal = mayNot(policy(), input.person, ['viewer'])
      if (!refusal) throw new Error('an outsider looked something up')
      return Promise.resolve({ kind: 'refused', refusal })
    },
  })
  const { slack } = await startEdge({ grants, finished: onTestFinished })
  const { notifications } = createSlackClients({
    botToken: slack.botToken,
    apiUrl: slack.apiUrl,
    logger: pino({ level: 'silent' }),
  })
  const button = (action_id: string, value: string) => ({
    type: 'button' as const,
    action_id,
    text: { type: 'plain_text' as const, text: action_id },
    value,
  })
  await notifications.chat.postMessage({
    channel: 'C0SHARED',
    text: 'buttons',
    blocks: [
      {
        type: 'actions',
        elements: [
          button(actions.listNext, `${OPENID}|2|`),
          button(actions.giveToUser, `${OPENID}|1|`),
          button(actions.giveAnother, grant.id),
          button(actions.lookUpUser, grant.id),
        ],
      },
    ],
  })
  return { slack, alva: slack.person('U0ALIEN1'), lists }
}

test.each([
  actions.listNext,
  actions.giveToUser,
  actions.giveAnother,
  actions.lookUpUser,
])('tells somebody of another workspace who presses %s that the app is not for them', async (actionId) => {
  const { slack, alva, lists } = await startInSharedChannel()
  await alva.press({ actionId, channel: 'C0SHARED' })
  const told = await slack.waitFor(() =>
    alva.messages('C0SHARED').find(({ onlyFor }) => onlyFor === 'U0ALIEN1'),
  )
  expect(told.text).toBe('This app is only for people of the workspace that it belongs to.')
  expect(alva.view()).toBeUndefined()
  const standings = lists.map(({ person }: { person: Person }) => person.standing)
  expect(standings.filter((standing) => standing !== 'other-workspace')).toEqual([])
})
