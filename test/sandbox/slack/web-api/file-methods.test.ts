import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SlackSandbox } from '../../../../src/sandbox/slack/index.ts'
import { call, startWide } from '../small-app.ts'

let slack: SlackSandbox
beforeAll(async () => {
  slack = await startWide({ rates: false })
  slack.changeInstallation({ scopes: ['files:write', 'im:write', 'chat:write'] })
})
afterAll(() => slack.close())

const text = 'section,count\r\ncoupons,2\r\n'
const announced = (length = Buffer.byteLength(text)) =>
  call(slack, 'files.getUploadURLExternal', { filename: 'report.csv', length })
const send = (url: unknown, body = text) => fetch(String(url), { method: 'POST', body })
const complete = (files: object[], more: object = {}) =>
  call(slack, 'files.completeUploadExternal', { files, ...more })

test('takes a file as Slack does: announced, sent once, and completed into a conversation', async () => {
  const { upload_url, file_id: id } = await announced()
  expect(await complete([{ id }])).toMatchObject({ ok: false, error: 'file_not_found' })
  expect((await send(upload_url, 'too short')).status).toBe(400)
  const sent = await send(upload_url)
  expect([sent.status, await sent.text()]).toEqual([200, `OK - ${text.length}`])
  expect((await send(upload_url)).status).toBe(404)

  const [person] = ['U0AGENT1']
  for (const [channel_id, error] of [
    [person, 'invalid_channel'],
    ['C0NOWHERE', 'channel_not_found'],
  ])
    expect(await complete([{ id }], { channel_id }), channel_id).toMatchObject({ ok: false, error })
  const { channel } = await call(slack, 'conversations.open', { users: person })
  const channel_id = (channel as { id: string }).id
  expect(await complete([{ id, title: 'Report' }], { channel_id })).toEqual({
    ok: true,
    files: [{ id, title: 'Report' }],
  })
  expect(await complete([{ id }], { channel_id })).toMatchObject({ ok: false, error: 'file_not_found' })
  const [message] = slack.channelMessages(channel_id)
  expect(message).toMatchObject({
    text: '',
    files: [{ id, name: 'report.csv', title: 'Report', size: text.length, mimetype: 'text/csv' }],
  })
  expect(slack.file(String(id))?.text).toBe(text)
  const download = await fetch(new URL(`/file/${id}`, slack.pageUrl))
  expect(download.headers.get('content-disposition')).toBe(`attachment; filename*=UTF-8''report.csv`)
  expect(await download.text()).toBe(text)
})

test('refuses what Slack refuses of uploads', async () => {
  for (const args of [{ filename: 'x.csv' }, { length: 5 }, { filename: 'x.csv', length: 0 }])
    expect(await call(slack, 'files.getUploadURLExternal', args), JSON.stringify(args)).toMatchObject({
      ok: false,
      error: 'invalid_arguments',
    })
  for (const files of [[], [{}], 'x'] as object[][])
    expect(await complete(files)).toMatchObject({ ok: false, error: 'invalid_arguments' })
  const { file_id } = await announced()
  expect((await fetch(new URL(`/file/${file_id}`, slack.pageUrl))).status).toBe(404)
  slack.changeInstallation({ scopes: ['chat:write'] })
  expect(await announced()).toMatchObject({ ok: false, error: 'missing_scope', needed: 'files:write' })
})
