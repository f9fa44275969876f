import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Postgres, startPostgres } from '../../src/sandbox/postgres.ts'
import { exampleWorkspace, type SlackSandbox, startSlackSandbox } from '../../src/sandbox/slack/index.ts'
import { startWechatPaySandbox, type WechatPaySandbox } from '../../src/sandbox/wechatpay/index.ts'
import { environmentBeside } from '../app-environment.ts'
import type { EngineName } from '../ledger/engines.ts'

/** What the apps run against: both stand-ins, the ledger's place, and the people. */
export interface Stage {
  slack: SlackSandbox
  wechatpay: WechatPaySandbox
  postgres: Postgres | null
  databaseUrl: string
  /** The environment of each app, except `NODE_OPTIONS`. */
  env: Record<string, string>
  /** Holds the logs; kept if something was wrong. */
  folder: string
  close(keep: boolean): Promise<void>
}

export const agents = Array.from({ length: 8 }, (_, number) => `U0CHAOS${number + 1}`)
export const leads = ['U0CHIEF1', 'U0CHIEF2', 'U0CHIEF3']
/** One of the sandbox's own people. */
export const operator = 'U0OPS001'
export const channel = 'C0APPROVE'
export const limits = { perUser: 2, perRequester: 40, perStock: 250 }

const root = new URL('../../', import.meta.url)

/** Two stocks, one of which people decide; every limit is within reach. @param scale how long the run is */
function policyFor(scale: number): string {
  return `
language: en
roles:
  viewers: [${agents.join(', ')}]
  requesters: [${agents.join(', ')}]
  approvers: [${leads.join(', ')}]
  operators: [${operator}]
alerts: C0ALERTS1
stocks:
  withdraw-10: { stock_id: '1304490000000059', name: { en: Ten, zh-CN: 十元 }, quota: 1000 }
  withdraw-50: { stock_id: '1304490000000060', name: { en: Fifty, zh-CN: 五十元 }, quota: 5000 }
reasons: { outage: { en: Outage, zh-CN: 服务中断 } }
approval:
  channel: ${channel}
  expires_after: 7d
  automatic: [{ name: small, stocks: [withdraw-10] }]
limits:
  per_user: { count: ${limits.perUser}, days: 30 }
  per_requester: { count: ${Math.round(limits.perRequester * scale)}, days: 30 }
  per_stock: { count: ${Math.round(limits.perStock * scale)}, days: 30 }
`
}

/** @param options.scale 1 for about a hundred kills */
export async function createStage(options: { engine: EngineName; scale: number }): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'chaos-'))
  const ends: (() => unknown)[] = []
  const close = async (keep: boolean) => {
    for (const end of ends.reverse()) await end()
    if (!keep) rmSync(folder, { recursive: true, force: true })
  }
  try {
    const manifest: unknown = JSON.parse(readFileSync(new URL('manifest/manifest.json', root), 'utf8'))
    const slack = await startSlackSandbox({
      manifest,
      workspace: workspace(),
      transport: 'socket',
      rates: false,
    })
    ends.push(() => slack.close())
    const wechatpay = await startWechatPaySandbox({
      stocks: [{ stock_id: '1304490000000060', quota: 5000 }],
    })
    ends.push(() => wechatpay.close())
    const postgres = options.engine === 'postgres' ? await startPostgres() : null
    if (postgres) {
      ends.push(() => postgres.stop())
      await postgres.query('create database ledger')
    }
    const databaseUrl = postgres ? postgres.url('ledger') : `file:${join(folder, 'ledger.sqlite')}`
    writeFileSync(join(folder, 'policy.yaml'), policyFor(options.scale))
    const env = {
      ...environmentBeside(slack, wechatpay),
      // So short that hanging calls, and what a dead replica had begun, are over within seconds.
      SLACK_TIMEOUT: '1',
      WECHATPAY_TIMEOUT: '1',
      WECHATPAY_RATE: '500',
      DATABASE_URL: databaseUrl,
      POLICY_FILE: join(folder, 'policy.yaml'),
    }
    return { slack, wechatpay, postgres, databaseUrl, env, folder, close }
  } catch (error) {
    await close(false)
    throw error
  }
}

function workspace() {
  const workspace = structuredClone(exampleWorkspace)
  for (const id of [...agents, ...leads])
    workspace.people.push({
      id,
      name: id.toLowerCase(),
      realName: id,
      locale: 'en-US',
      tz: 'Asia/Shanghai',
      email: `${id.toLowerCase()}@example.com`,
    })
  for (const { id, members } of workspace.channels) {
    if (id === 'C0SUPPORT') members.push(...agents)
    if (id === channel) members.push(...leads)
  }
  return workspace
}
