import { readFile } from 'node:fs/promises'
import { expect } from 'vitest'
import { formOf } from '../stories/world.ts'
import { checked } from './checked.ts'
import { startDesk, test } from './desk.ts'
import { COMMAND } from './sitting.ts'
import { englishPolicy, OPENID } from './stories.ts'

test('shows an auditor the month, and sends the file with all of its figures, to be downloaded', async ({
  open,
}) => {
  const world = await startDesk({ policy: englishPolicy })
  const ada = world.slack.person('U0AGENT1')
  await ada.command(COMMAND, `send ${OPENID} withdraw-10 outage SUP-12`)
  await formOf(world, ada)
  await ada.submit()
  await world.slack.waitFor(() => world.recorded()[0]?.state === 'issued')

  const auditor = await open(world, 'U0AUDIT1', { look: { bypassCSP: true } })
  await auditor.command('report')
  const report = auditor.message('1 coupon · ¥10.00', 'Coupons by day')
  const row = report.getByRole('row', { name: 'Requester @Ada 1 ¥10.00 ¥0.01' })
  await row.waitFor()
  const chart = report.getByRole('img', { name: 'Coupons by day, 01 to 16' })
  await chart.waitFor()
  await checked(auditor, 'a report')
  await auditor.go('Withdraw Coupon')
  const file = auditor.message(/report-\d{4}-\d{2}\.csv/)
  await file.getByText('coupons,all,,1,1000,1').waitFor()
  await checked(auditor, 'a file')
  const [download] = await Promise.all([
    auditor.page.waitForEvent('download'),
    file.getByRole('link', { name: /^Report of / }).click(),
  ])
  expect(download.suggestedFilename()).toMatch(/^report-\d{4}-\d{2}\.csv$/)
  const csv = await readFile(await download.path(), 'utf8')
  expect(csv).toContain('coupons by requester,U0AGENT1,U0AGENT1,1,1000,1\r\n')
  expect(csv).not.toContain(OPENID)
})
