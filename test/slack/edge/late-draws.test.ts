import { setTimeout as sleep } from 'node:timers/promises'
import type { ModalView } from '@slack/types'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { createSlackClients } from '../../../src/slack/edge/clients.ts'
import { grantsThat, grantWith, issued, NOON, needsApproval, OPENID } from '../builders.ts'
import { signedRequest } from '../signed-request.ts'
import { startEdge, viewOf } from '../start-edge.ts'

/** What is drawn late, twice or by another process hides nothing newer. */

test.concurrent('goes on telling whether an approval is needed after another process has drawn the form', async ({
  onTestFinished: finished,
}) => {
  const grants = grantsThat({
    preview: (_person, ask) =>
      Promise.resolve(
        ask.stock === 'withdraw-50' ? needsApproval : { kind: 'automatic', rule: 'small', limits: [] },
      ),
  })
  const { slack } = await startEdge({ grants, finished })
  const ada = slack.person('U0AGENT1')
  await ada.command('/withdraw-coupon', `send ${OPENID} withdraw-10 outage`)
  await viewOf(slack, ada)
  await ada.press({ actionId: 'stock_select', value: 'withdraw-50' })
  const drawn = await slack.waitFor(() => ada.view()?.submit?.text === 'Ask for approval' && ada.view())
  const { interactions } = createSlackClients({
    botToken: slack.botToken,
    apiUrl: slack.apiUrl,
    logger: pino({ level: 'silent' }),
  })
  const { type, callback_id, title, submit, close, blocks } = drawn
  const view = { type, callback_id, title, submit, close, blocks } as ModalView
  await interactions.views.update({ view_id: drawn.id, hash: drawn.hash, view })
  await ada.press({ actionId: 'stock_select', value: 'withdraw-10' })
  await slack.waitFor(() => ada.view()?.submit?.text === 'Give coupon')
})

test.concurrent('draws what was filled in last, though several connections bring it in another order', async ({
  onTestFinished: finished,
}) => {
  const grants = grantsThat({
    preview: (_person, ask) =>
      Promise.resolve(
        ask.reason === 'outage' ? { kind: 'automatic', rule: 'small', limits: [] } : needsApproval,
      ),
  })
  const { slack, edge } = await startEdge({ grants, finished })
  const ada = slack.person('U0AGENT1')
  await ada.command('/withdraw-coupon', 'send')
  await viewOf(slack, ada)
  ada.fill({ openid_input: OPENID, stock_select: 'withdraw-10', reason_select: 'outage' })
  await slack.waitFor(() => ada.view()?.submit?.text === 'Give coupon')
  // Ends only when whatever else was to be drawn has been.
  await edge.stop(1000)
  expect(ada.view()?.submit?.text).toBe('Give coupon')
})

test.concurrent('shows the end of a grant in the view though it came before the acknowledgement', async ({
  onTestFinished: finished,
}) => {
  const grants = grantsThat({ grant: () => Promise.resolve(grantWith(issued)) })
  const { slack } = await startEdge({ grants, finished })
  const ada = slack.person('U0AGENT1')
  await ada.command('/withdraw-coupon', `send ${OPENID} withdraw-10 outage`)
  await viewOf(slack, ada)
  await ada.submit()
  await slack.waitFor(() => JSON.stringify(ada.view()?.blocks).includes('Issued · ¥10 · oUpF…jWeS6o'))
})

test.concurrent('tells that a grant is held though it was drawn before the acknowledgement', async ({
  onTestFinished: finished,
}) => {
  const held = grantWith({ version: 3, hold: { reason: 'SIGN_ERROR', at: NOON } })
  const grants = grantsThat({ grant: () => Promise.resolve(held) })
  const { slack } = await startEdge({ grants, finished })
  const ada = slack.person('U0AGENT1')
  await ada.command('/withdraw-coupon', `send ${OPENID} withdraw-10 outage`)
  await viewOf(slack, ada)
  await ada.submit()
  await slack.waitFor(() => JSON.stringify(ada.view()?.blocks).includes('Operators must correct'))
})

test.concurrent('draws again when a grant goes on while its view is being repaired', async ({
  onTestFinished: finished,
}) => {
  const later = [grantWith({ version: 3, state: 'issuing' }), grantWith(issued)]
  const grants = grantsThat({ grant: () => Promise.resolve(later.shift() ?? grantWith(issued)) })
  const { slack } = await startEdge({ grants, finished })
  const ada = slack.person('U0AGENT1')
  await ada.command('/withdraw-coupon', `send ${OPENID} withdraw-10 outage`)
  await viewOf(slack, ada)
  await ada.submit()
  await slack.waitFor(() => JSON.stringify(ada.view()?.blocks).includes('Issued · ¥10 · oUpF…jWeS6o'))
})

test.concurrent('hides nothing that was recorded behind a preview that was on its way to Slack', async ({
  onTestFinished: finished,
}) => {
  const grants = grantsThat({
    preview: () => Promise.resolve({ kind: 'automatic', rule: 'small', limits: [] }),
    grant: () => Promise.resolve(grantWith()),
  })
  const { slack } = await startEdge({ grants, viewsTake: 1000, finished })
  const ada = slack.person('U0AGENT1')
  await ada.command('/withdraw-coupon', `send ${OPENID} withdraw-10`)
  await viewOf(slack, ada)
  ada.fill({ reason_select: 'outage', stock_select: 'withdraw-50' })
  // By then the preview is on its way.
  await sleep(300)
  await ada.submit()
  expect(ada.view()?.callback_id).toBe('recorded')
  await slack.waitFor(() =>
    slack.traffic().some(({ name, answer }) => name === 'views.update' && isHashConflict(answer)),
  )
  expect(ada.view()?.callback_id).toBe('recorded')
})

test.concurrent('wipes no error from its field by a preview that comes late', async ({
  onTestFinished: finished,
}) => {
  const gate = Promise.withResolvers<void>()
  const grants = grantsThat({
    preview: async () => {
      await gate.promise
      return needsApproval
    },
    request: () =>
      Promise.resolve({ kind: 'refused', problems: [{ field: 'note', refusal: { code: 'note-missing' } }] }),
  })
  const { slack, edge } = await startEdge({ grants, finished })
  const ada = slack.person('U0AGENT1')
  await ada.command('/withdraw-coupon', `send ${OPENID} outage`)
  await viewOf(slack, ada)
  ada.fill({ stock_select: 'withdraw-50' })
  expect(await ada.submit()).toMatchObject({ kind: 'errors', errors: { note: expect.any(String) } })
  gate.resolve()
  // Ends only when whatever else was to be drawn has been.
  await edge.stop(1000)
  expect(ada.view()?.errors).toEqual({ note: expect.any(String) })
})

test.concurrent('wipes no error from its field by a preview that was on its way to Slack for long', async ({
  onTestFinished: finished,
}) => {
  const grants = grantsThat({
    preview: () => Promise.resolve(needsApproval),
    request: () =>
      Promise.resolve({ kind: 'refused', problems: [{ field: 'note', refusal: { code: 'note-missing' } }] }),
  })
  const { slack, edge } = await startEdge({ grants, viewsTake: 1000, finished })
  const ada = slack.person('U0AGENT1')
  await ada.command('/withdraw-coupon', `send ${OPENID} outage`)
  await viewOf(slack, ada)
  ada.fill({ stock_select: 'withdraw-50' })
  // By then the preview is on its way.
  await sleep(300)
  expect(await ada.submit()).toMatchObject({ kind: 'errors', errors: { note: expect.any(String) } })
  await edge.stop(2000)
  expect(ada.view()?.errors).toEqual({ note: expect.any(String) })
})

test.concurrent('wipes no error from its field by a change that was made before the submission and arrives after it', async ({
  onTestFinished: finished,
}) => {
  const grants = grantsThat({
    preview: (_person, ask) =>
      Promise.resolve(
        ask.reason === 'apology' ? { kind: 'automatic', rule: 'small', limits: [] } : needsApproval,
      ),
    request: () =>
      Promise.resolve({ kind: 'refused', problems: [{ field: 'note', refusal: { code: 'note-missing' } }] }),
  })
  const { slack, edge, port } = await startEdge({ grants, transport: 'http', finished })
  const ada = slack.person('U0AGENT1')
  await ada.command('/withdraw-coupon', `send ${OPENID} outage`)
  await viewOf(slack, ada)
  ada.fill({ stock_select: 'withdraw-50' })
  await slack.waitFor(() => ada.view()?.submit?.text === 'Ask for approval')
  ada.fill({ reason_select: 'apology', ticket: 'SUP-12' })
  await slack.waitFor(() => ada.view()?.submit?.text === 'Give coupon')
  const early = slack.traffic().findLast(({ name }) => name === 'block_actions')
  ada.fill({ ticket: 'SUP-13' })
  expect(await ada.submit()).toMatchObject({ kind: 'errors', errors: { note: expect.any(String) } })

  await signedRequest(slack, port, { payload: JSON.stringify(early?.request) })()
  await edge.stop(1000)
  expect(ada.view()?.errors).toEqual({ note: expect.any(String) })
})

test.concurrent('tells that it is not sure before Slack gives up, and the result once it is there', async ({
  onTestFinished: finished,
}) => {
  let finish: () => void = () => {}
  const waiting = new Promise<void>((resolve) => {
    finish = resolve
  })
  const grants = grantsThat({
    request: async () => {
      await waiting
      return { kind: 'recorded', grant: grantWith(issued), repeated: false }
    },
  })
  const { slack } = await startEdge({ grants, finished })
  const ada = slack.person('U0AGENT1')
  await ada.command('/withdraw-coupon', `send ${OPENID} withdraw-10 outage`)
  await viewOf(slack, ada)
  expect(await ada.submit()).toEqual({ kind: 'updated' })
  expect(JSON.stringify(ada.view()?.blocks)).toContain('It isn’t clear whether this was recorded.')
  finish()
  await slack.waitFor(() => JSON.stringify(ada.view()?.blocks).includes('Issued · ¥'))
})

test.concurrent('shows what became of a grant meanwhile, once a submission that took too long is decided', async ({
  onTestFinished: finished,
}) => {
  const gate = Promise.withResolvers<void>()
  const grants = grantsThat({
    request: async () => {
      await gate.promise
      return { kind: 'recorded', grant: grantWith(), repeated: false }
    },
    grant: () => Promise.resolve(grantWith(issued)),
  })
  const { slack } = await startEdge({ grants, finished })
  const ada = slack.person('U0AGENT1')
  await ada.command('/withdraw-coupon', `send ${OPENID} withdraw-10 outage`)
  await viewOf(slack, ada)
  expect(await ada.submit()).toEqual({ kind: 'updated' })
  gate.resolve()
  await slack.waitFor(() => JSON.stringify(ada.view()?.blocks).includes('Issued · ¥'))
})

test.concurrent('shows the end of a grant though Slack fails to take it at first', async ({
  onTestFinished: finished,
}) => {
  const grants = grantsThat({ grant: () => Promise.resolve(grantWith(issued)) })
  const { slack, log } = await startEdge({ grants, finished })
  const ada = slack.person('U0AGENT1')
  await ada.command('/withdraw-coupon', `send ${OPENID} withdraw-10 outage`)
  await viewOf(slack, ada)
  slack.fault({ name: 'web_api_429', method: 'views.update', times: 2 })
  await ada.submit()
  await slack.waitFor(() => JSON.stringify(ada.view()?.blocks).includes('Issued · ¥'))
  expect(log.filter(({ level }) => Number(level) >= 50)).toEqual([])
})

function isHashConflict(answer: unknown): boolean {
  return JSON.stringify(answer ?? null).includes('hash_conflict')
}
