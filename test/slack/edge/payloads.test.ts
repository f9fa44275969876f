import { expect, test } from 'vitest'
import {
  buttonPayload,
  commandPayload,
  inputPayload,
  submissionPayload,
} from '../../../src/slack/edge/payloads.ts'

const user = { id: 'U0AGENT1', team_id: 'T0HOME01' }
const view = { id: 'V1', title: { type: 'plain_text', text: 'x' }, blocks: [] }
const empty = { private_metadata: '', state: { values: {} } }

test.each([
  ['left out', {}],
  [
    'null',
    { private_metadata: null, state: null, hash: null, submit: null, close: null, root_view_id: null },
  ],
  ['without values', { state: {} }],
  ['with values that are null', { state: { values: null } }],
])('reads what Slack may leave out of a view as empty (%s)', (_what, change) => {
  const submitted = submissionPayload.parse({ user, team: null, view: { ...view, ...change } })
  expect(submitted).toMatchObject({ user: { id: 'U0AGENT1', team: 'T0HOME01' }, view: empty })
  const actions = [{ action_ts: '1.5', block_id: 'stock' }]
  expect(inputPayload.parse({ user, view: { ...view, ...change }, actions })).toMatchObject({
    view: empty,
    at: 1.5,
    block: 'stock',
  })
})

test.each([
  [{}, null],
  [{ container: null }, null],
  [{ container: { message_ts: null, channel_id: null, is_ephemeral: null } }, null],
  [
    { container: { message_ts: '1.1', channel_id: 'C1', is_ephemeral: null } },
    { channel: 'C1', ts: '1.1', says: null },
  ],
])('reads a click of which Slack tells little: %o', (change, message) => {
  expect(
    buttonPayload.parse({ user: { id: 'U1' }, trigger_id: '1.2', actions: [{ value: null }], ...change }),
  ).toEqual({
    user: { id: 'U1', team: null },
    triggerId: '1.2',
    responseUrl: null,
    view: null,
    at: null,
    isHome: false,
    value: undefined,
    choice: null,
    message,
  })
})

test('reads a command of which Slack tells only whose it is', () => {
  const read = { user: { id: 'U1', team: null }, text: '', triggerId: '1.2' }
  expect(commandPayload.parse({ user_id: 'U1', trigger_id: '1.2' })).toMatchObject(read)
  expect(commandPayload.parse({ user_id: 'U1', team_id: null, text: null, trigger_id: '1.2' })).toMatchObject(
    read,
  )
})

test('reads nothing of which it is not known who acts, or on what', () => {
  expect(commandPayload.safeParse({ text: 'pause', trigger_id: '1.2' }).success).toBe(false)
  // An order is known by it where it comes twice.
  expect(commandPayload.safeParse({ user_id: 'U1', text: 'pause' }).success).toBe(false)
  expect(submissionPayload.safeParse({ view }).success).toBe(false)
  expect(submissionPayload.safeParse({ user, view: { ...view, id: undefined } }).success).toBe(false)
  expect(buttonPayload.safeParse({ user: { id: '' }, trigger_id: '1.2', actions: [{}] }).success).toBe(false)
  expect(buttonPayload.safeParse({ user, trigger_id: '1.2', actions: [] }).success).toBe(false)
})
