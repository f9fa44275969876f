import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApp } from '../../src/app.ts'
import { loadConfig } from '../../src/config/config.ts'
import { createLogger } from '../../src/logger.ts'
import { loadPolicy } from '../../src/policy/load-policy.ts'
import { exampleWorkspace, type SlackSandbox, startSlackSandbox } from '../../src/sandbox/slack/index.ts'
import { startWechatPaySandbox } from '../../src/sandbox/wechatpay/index.ts'
import { environmentBeside } from '../app-environment.ts'

/**
 * Runs one approved grant through the app and both stand-ins, and prints the files of `src/` that
 * it runs through: how much a reader must read to follow it. A file counts if one of its functions
 * ran between the command and the last card.
 */

const root = new URL('../../', import.meta.url)
const source = new URL('src/', root).href
const rooms = ['slack', 'http', 'grants', 'jobs', 'ledger', 'wechatpay', 'customers', 'policy', 'domain']
const CHANNEL = 'C0APPROVE'

const folder = mkdtempSync(join(tmpdir(), 'trace-'))
const ends: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })]
try {
  print(await filesOf(await startApp()))
} finally {
  for (const end of ends.reverse()) await end()
}

async function startApp(): Promise<SlackSandbox> {
  const policyFile = join(folder, 'policy.yaml')
  writeFileSync(policyFile, read('manifest/policy.example.yaml'))
  const manifest: unknown = JSON.parse(read('manifest/manifest.json'))
  const slack = await startSlackSandbox({ manifest, workspace: exampleWorkspace, transport: 'socket' })
  ends.push(() => slack.close())
  const wechatpay = await startWechatPaySandbox({ stocks: [{ stock_id: '1304490000000060', quota: 5000 }] })
  ends.push(() => wechatpay.close())
  const loaded = loadConfig({
    ...environmentBeside(slack, wechatpay),
    DATABASE_URL: `file:${join(folder, 'ledger.sqlite')}`,
    POLICY_FILE: policyFile,
  })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  const { config } = loaded
  const policy = loadPolicy(config)
  if (!policy.ok) throw new Error(policy.text.en)
  const proven = Promise.withResolvers<void>()
  const write = (line: string) => {
    if (line.includes('answers of WeChat Pay can be verified')) proven.resolve()
  }
  const logger = createLogger({ level: 'info', pretty: false, destination: { write } })
  const app = await createApp({ config, policy: policy.policy, logger, now: Date.now })
  ends.push(() => app.stop(1000))
  await app.start()
  await proven.promise
  return slack
}

/** @returns paths relative to src/ */
async function filesOf(slack: SlackSandbox): Promise<string[]> {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false })
  await runOneAsk(slack)
  const { result } = await session.post('Profiler.takePreciseCoverage')
  session.disconnect()
  return result
    .filter(({ url, functions }) => url.startsWith(source) && functions.some(hasRun))
    .map(({ url }) => url.slice(source.length))
    .filter((path) => !path.startsWith('sandbox/'))
    .toSorted()
}

/** A module itself is a function that begins at its first character. */
function hasRun({ ranges: [range] }: { ranges: { startOffset: number; count: number }[] }): boolean {
  return range !== undefined && range.startOffset > 0 && range.count > 0
}

/** Runs from the command to the last card: request, approval, coupon, notification. */
async function runOneAsk(slack: SlackSandbox): Promise<void> {
  const ada = slack.person('U0AGENT1')
  await ada.command('/withdraw-coupon', 'send oUpF8uMuAJO_M2pxb1Q9zNjWeS6o withdraw-50 apology')
  await slack.waitFor(() => ada.view()?.callback_id === 'give')
  await ada.submit()
  const card = () => slack.channelMessages(CHANNEL).at(-1)
  const { ts } = await slack.waitFor(card)
  await slack.person('U0LEAD1').press({ actionId: 'approve', channel: CHANNEL, messageTs: ts })
  for (const shown of [card, () => ada.dm().at(-1), ada.view])
    await slack.waitFor(() => JSON.stringify(shown())?.includes('✅'))
}

function print(files: string[]): void {
  const roomOf = (path: string) => rooms.find((room) => path.startsWith(`${room}/`)) ?? 'src'
  const lines = ['src', ...rooms].flatMap((room) => {
    const mine = files.filter((path) => roomOf(path) === room)
    return mine.length > 0 ? [`${room} (${mine.length})`, ...mine.map((path) => `  ${path}`)] : []
  })
  process.stdout.write(`${lines.join('\n')}\none approved ask runs through ${files.length} files\n`)
}

function read(path: string): string {
  return readFileSync(new URL(path, root), 'utf8')
}
