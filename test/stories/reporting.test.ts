import { expect, test } from 'vitest'
import { en } from '../../src/slack/blocks/words/en/index.ts'
import { clock, openForm, startWorld, textOf, type World } from './world.ts'

const user = (letter: string) => `oUpF8uMuAJO_M2pxb1Q9zNjWeS6${letter}`

async function give(world: World, openid: string): Promise<void> {
  const agent = world.slack.person('U0AGENT1')
  await openForm(world, agent, `${openid} withdraw-10 outage SUP-12`)
  await agent.submit()
  await agent.close()
  await world.slack.waitFor(() => world.recorded().find((one) => one.openid === openid)?.state === 'issued')
}

/** Runs the command, and gives what only this person sees of the answer. */
async function ask({ slack }: World, id: string, text: string): Promise<string> {
  const person = slack.person(id)
  const before = person.messages('C0SUPPORT').length
  await person.command('/withdraw-coupon', text)
  return slack.waitFor(() => textOf(person.messages('C0SUPPORT')[before]) || null, {
    what: `an answer to ${text}`,
  })
}

test('reports a month to the auditor alone, with all figures as a file in their messages', async () => {
  const { now, forward } = clock()
  const world = await startWorld({ now, slack: { rates: false } })
  const { slack } = world
  await give(world, user('a'))
  await give(world, user('b'))

  expect(await ask(world, 'U0AGENT1', 'report')).toContain(en.refusal.roleMissing('auditor'))
  expect(await ask(world, 'U0AUDIT1', 'report Smarch')).toContain('Smarch')
  const told = await ask(world, 'U0AUDIT1', '报 2026-11')
  expect(told).toContain('2026-11 · 2 coupons · ¥20.00')
  expect(told).toContain('{"label":"24","value":2}')
  expect(told).toContain('24: 2')
  expect(told).toContain(en.report.fileSent)
  expect(told).not.toContain('oUpF')

  const auditor = slack.person('U0AUDIT1')
  const [file] = auditor.dm().at(-1)?.files ?? []
  expect(file).toMatchObject({ name: 'report-2026-11.csv', mimetype: 'text/csv' })
  const csv = slack.file(file?.id ?? '')?.text ?? ''
  expect(csv).toContain('coupons by requester,U0AGENT1,U0AGENT1,2,2000,2\r\n')
  expect(csv).toContain('coupons by day,2026-11-24,2026-11-24,2,2000,\r\n')
  expect(csv).not.toContain('oUpF')

  forward(20 * 86_400_000)
  expect(await ask(world, 'U0AUDIT1', 'report')).toContain('2026-12 · 0 coupons')
  expect(await ask(world, 'U0AUDIT1', 'report last')).toContain('2026-11 · 2 coupons')

  // Whatever Slack says of files, the figures are told, and what to do.
  const files = auditor.dm().length
  for (const [code, refused] of [
    ['file_uploads_disabled', 'disabled'],
    ['storage_limit_reached', 'full'],
    ['internal_error', 'other'],
  ] as const) {
    slack.fault({ name: 'web_api_error', method: 'files.completeUploadExternal', error: code, times: 1 })
    const answer = await ask(world, 'U0AUDIT1', 'report last')
    expect(answer).toContain('2026-11 · 2 coupons')
    const says = en.report.fileRefused[refused]('`npm run audit -- report --month 2026-11 --format csv`')
    expect(answer).toContain(says)
  }
  slack.changeInstallation({
    scopes: ['chat:write', 'commands', 'users:read', 'users:read.email', 'im:write'],
  })
  const answer = await ask(world, 'U0AUDIT1', 'report last')
  expect(answer).toContain('2026-11 · 2 coupons')
  expect(answer).toContain('files:write')
  expect(auditor.dm()).toHaveLength(files)
})
