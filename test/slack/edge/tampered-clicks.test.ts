import { EventEmitter, once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { actions, fields, views } from '../../../src/slack/ids.ts'
import {
  approvalWith,
  createSetting,
  inputWith,
  recorded,
  requestAnother,
  useWechatPay,
} from '../../grants/setting.ts'
import { signedRequest } from '../signed-request.ts'
import { startEdge } from '../start-edge.ts'

useWechatPay()

/** Values that this app did not write, signed as Slack signs: they meet the real use cases on a real ledger. */
async function start() {
  const setting = await createSetting({ policy: { approval: approvalWith() } })
  const { slack, port, log } = await startEdge({
    grants: setting.grants,
    transport: 'http',
    finished: onTestFinished,
  })
  const told = new EventEmitter()
  const listener = createServer((request, response) => {
    request.setEncoding('utf8')
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      told.emit('answer', body)
      response.end('ok')
    })
  }).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  onTestFinished(() => void listener.close())
  const { port: answering } = listener.address() as AddressInfo

  async function post(payload: object) {
    const answer = await signedRequest(slack, port, { payload: JSON.stringify(payload) })()
    return { status: answer.status, text: await answer.text() }
  }
  const acting = (id: string) => ({
    user: { id, team_id: slack.teamId },
    team: { id: slack.teamId },
    trigger_id: '1.2.3',
  })

  return {
    ...setting,
    log,
    /** Presses a button that only this person sees. @returns what the person is told */
    async press(action_id: string, value: string | undefined, by = 'U0LEAD1') {
      const answered = once(told, 'answer')
      const { status } = await post({
        type: 'block_actions',
        ...acting(by),
        container: { type: 'message', message_ts: '1.1', channel_id: 'C0APPROVE', is_ephemeral: true },
        actions: [
          action_id === actions.more
            ? { type: 'overflow', action_id, block_id: 'b', selected_option: { value } }
            : { type: 'button', action_id, block_id: 'b', value },
        ],
        response_url: `http://127.0.0.1:${answering}/`,
      })
      expect(status).toBe(200)
      const [answer] = await answered
      return String(answer)
    },
    async submit(callback_id: string, private_metadata: string, reason: unknown, by = 'U0LEAD1') {
      const { status, text } = await post({
        type: 'view_submission',
        ...acting(by),
        view: {
          id: 'V1',
          callback_id,
          private_metadata,
          title: { type: 'plain_text', text: 'Reject' },
          blocks: [],
          state: { values: { [fields.why]: { [actions.whyInput]: { value: reason } } } },
        },
      })
      expect(status).toBe(200)
      return text
    },
    async ask(by = 'U0AGENT1') {
      const person = { id: by, email: null, groups: ['S0AGENTS'], standing: 'member' as const }
      return recorded(await requestAnother(setting.grants, inputWith({ person }))).grant
    },
  }
}

const nothing = [
  '',
  undefined,
  'no-such-grant',
  '01JD0000000000000000000009',
  "' or 1=1; --",
  '../../etc/passwd',
  'x'.repeat(2000),
  'a\u0000b',
  '😀<!channel>',
  '|pending|1|',
  'no-such|history|1|oUpF',
]
const buttons = [
  actions.approve,
  actions.reject,
  actions.cancelIssue,
  actions.cancelOwn,
  actions.showOpenid,
  actions.history,
]

test('tells that there is no such grant, whatever a button carries, and changes nothing', async () => {
  const { press, ask, ledger, log } = await start()
  const grant = await ask()
  for (const button of buttons)
    for (const value of nothing) {
      const told = await press(button, value)
      expect(told, `${button} ${value}`).toContain('This request is not in the records')
      expect(told).not.toContain('<!channel>')
    }
  expect(await ledger.grant(grant.id)).toEqual(grant)
  expect(log.filter(({ level }) => Number(level) >= 50)).toEqual([])
})

test('shows the ids of a grant from its menu to whoever may read what a user was given, and to nobody else', async () => {
  const { press, ask } = await start()
  const grant = await ask()
  for (const by of ['U0LEAD1', 'U0AGENT1', 'U0AUDIT1'])
    for (const id of [grant.id, grant.sendRequestNo, grant.stockId])
      expect(await press(actions.more, `ids|${grant.id}`, by)).toContain(`\`${id}\``)
  expect(await press(actions.more, `ids|${grant.id}`, 'U0GUEST1')).not.toContain(grant.sendRequestNo)
  expect(await press(actions.more, `ids|${grant.id}`)).not.toContain(grant.openid)
  expect(await press(actions.more, `openid|${grant.id}`)).toContain(grant.openid)
  for (const choice of ['openid', 'history', 'ids', 'lookup'])
    expect(await press(actions.more, `${choice}|no-such`)).toContain('This request is not in the records')
  for (const value of ['', 'ids', '|', `settle|${grant.id}`, 'constructor|x'])
    expect(await press(actions.more, value)).toContain('nothing was changed')
})

test('looks at who presses, and not at whose message the button was in', async () => {
  const { press, ask, ledger } = await start()
  const [anothers, own] = [await ask(), await ask('U0LEAD1')]
  expect(await press(actions.approve, own.id)).toContain('You asked for this coupon yourself')
  expect(await press(actions.approve, own.id, 'U0AGENT1')).toContain(
    'not in a group that may approve this coupon',
  )
  expect(await press(actions.cancelOwn, anothers.id)).toContain('Please write a reason')
  expect(await press(actions.cancelOwn, anothers.id, 'U0AGENT2')).toContain('您没有')
  expect(await press(actions.showOpenid, anothers.id, 'U0AGENT2')).not.toContain(anothers.openid)
  expect(await press(actions.history, anothers.id, 'U0GUEST1')).toContain('Guests cannot use this app')
  for (const { id } of [anothers, own]) expect(await ledger.grant(id)).toMatchObject({ state: 'pending' })
})

test('takes a list that it did not write for none, and the click for what it is', async () => {
  const { press, ask, ledger } = await start()
  const grant = await ask()
  expect(await press(actions.approve, `${grant.id}|pending|0|`)).toContain('Approved: ¥10 for')
  expect(await ledger.grant(grant.id)).toMatchObject({ state: 'approved' })
  for (const value of ['', 'pending|-1|', 'everything|1|', 'history|1|', 'mine|1|oUpF', 'pending|1|a b'])
    expect(await press(actions.foundNext, value)).toContain('nothing was changed')
})

test('lets no form decide what its sender may not, whatever it carries', async () => {
  const { submit, ask, ledger } = await start()
  const [anothers, own] = [await ask(), await ask('U0LEAD1')]
  for (const value of nothing)
    expect(await submit(views.reject, value ?? '', 'no')).toContain('This request is not in the records')
  expect(await submit(views.reject, own.id, 'no')).toContain('You asked for this coupon yourself')
  expect(await submit(views.cancel, anothers.id, 'no', 'U0AGENT2')).toContain('您没有')
  for (const reason of ['', ' \n ', '\u200b\u0000', null, undefined])
    expect(JSON.parse(await submit(views.reject, anothers.id, reason))).toEqual({
      response_action: 'errors',
      errors: { [fields.why]: 'Please write a reason.' },
    })
  for (const { id } of [anothers, own]) expect(await ledger.grant(id)).toMatchObject({ state: 'pending' })
})

test('keeps a reason of 3,000 characters as it was written', async () => {
  const { submit, ask, ledger } = await start()
  const grant = await ask()
  const reason = `<!channel> <@U0AGENT1> @here *no* ${'😀'.repeat(1483)}`
  expect(reason).toHaveLength(3000)
  expect(await submit(views.reject, grant.id, reason)).toContain('Rejected. The requester')
  expect(await ledger.grant(grant.id)).toMatchObject({ state: 'rejected', ended: { by: 'U0LEAD1', reason } })
  expect(await submit(views.reject, grant.id, 'again')).toContain('Nothing was changed')
})

test('takes a reason that is longer than Slack counts, cut with an ellipsis', async () => {
  const { submit, ask, ledger } = await start()
  const grant = await ask()
  expect(await submit(views.reject, grant.id, 'x'.repeat(3026))).toContain('Rejected. The requester')
  expect((await ledger.grant(grant.id))?.ended?.reason).toBe(`${'x'.repeat(2999)}…`)
})
