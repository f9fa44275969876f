import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { expect, test } from 'vitest'

/** Files by their path below src/. */
type Files = Record<string, string>

/**
 * Which band may import which; a band is a folder, or a file at the top. Sandboxes share nothing with what they test.
 * `sandbox/main.ts` builds the app to run it beside the stand-ins.
 */
const bands: Record<string, readonly string[]> = {
  'main.ts': [
    'app.ts',
    'version.ts',
    'config',
    'policy',
    'logger.ts',
    'exit-codes.ts',
    'http',
    'slack',
    'wechatpay',
  ],
  'app.ts': [
    'config',
    'logger.ts',
    'health.ts',
    'version.ts',
    'http',
    'slack',
    'doctor',
    'jobs',
    'grants',
    'customers',
    'ledger',
    'wechatpay',
    'policy',
    'domain',
  ],
  config: ['web-proxy.ts', 'policy', 'domain'],
  'exit-codes.ts': ['ledger'],
  'version.ts': [],
  'compile-cache.js': [],
  'needs-node-24.js': [],
  'logger.ts': ['domain'],
  'health.ts': ['logger.ts', 'metrics.ts', 'http', 'ledger', 'wechatpay'],
  'metrics.ts': ['ledger'],
  http: [],
  slack: ['web-proxy.ts', 'http', 'grants', 'customers', 'doctor', 'domain'],
  doctor: ['web-proxy.ts', 'ledger', 'wechatpay', 'domain'],
  jobs: ['grants'],
  grants: ['ledger', 'wechatpay', 'policy', 'doctor', 'domain'],
  customers: ['web-proxy.ts', 'ledger', 'wechatpay', 'domain'],
  ledger: ['domain'],
  wechatpay: ['web-proxy.ts'],
  'web-proxy.ts': [],
  policy: ['domain'],
  domain: [],
  tools: [
    'config',
    'exit-codes.ts',
    'customers',
    'doctor',
    'grants',
    'ledger',
    'wechatpay',
    'policy',
    'domain',
  ],
  sandbox: [],
  'sandbox/main.ts': ['app.ts', 'config', 'logger.ts', 'policy', 'domain', 'tools', 'sandbox'],
}

/** The same inside a band, for types too: a room is a folder, or a file beside the folders. */
const rooms: Record<string, Record<string, readonly string[]>> = {
  slack: {
    'app.ts': ['listeners.ts', 'edge', 'blocks'],
    'listeners.ts': [
      ...['ask', 'decide', 'find', 'lists', 'operate', 'records', 'home', 'help.ts', 'edge', 'ids.ts'],
    ],
    'notifier.ts': ['edge', 'blocks', 'ids.ts'],
    'help.ts': ['edge', 'blocks', 'ids.ts'],
    ask: ['edge', 'blocks', 'ids.ts'],
    records: ['edge', 'blocks', 'ids.ts'],
    decide: ['edge', 'blocks', 'ids.ts'],
    find: ['edge', 'blocks', 'ids.ts'],
    lists: ['edge', 'blocks', 'ids.ts'],
    operate: ['edge', 'blocks', 'ids.ts'],
    home: ['edge', 'blocks', 'ids.ts'],
    edge: ['blocks', 'ids.ts'],
    blocks: ['ids.ts'],
    'ids.ts': [],
  },
  // The stand-ins share how they fail, tell time and refuse strangers, and know nothing of each other.
  sandbox: {
    'main.ts': [
      ...[
        'broken-setups.ts',
        'clock.ts',
        'command-line.ts',
        'customer-lookup.ts',
        'flags.ts',
        'next-steps.ts',
        'open-in-browser.ts',
        'postgres.ts',
      ],
      ...['replicas.ts', 'shutdown.ts', 'slack', 'story', 'transcript', 'wechatpay', 'wechatpay-panel.ts'],
      'workspace-for.ts',
    ],
    'broken-setups.ts': ['customer-lookup.ts', 'slack', 'wechatpay'],
    story: ['flags.ts', 'slack', 'transcript', 'wechatpay'],
    transcript: ['slack'],
    'wechatpay-panel.ts': ['slack', 'wechatpay'],
    'workspace-for.ts': ['slack', 'story'],
    slack: ['clock.ts', 'fault-plan.ts', 'input.ts', 'local-requests.ts'],
    wechatpay: [
      'clock.ts',
      'command-line.ts',
      'fault-plan.ts',
      'input.ts',
      'shutdown.ts',
      'local-requests.ts',
    ],
    'flags.ts': ['command-line.ts'],
    'next-steps.ts': ['flags.ts'],
    'customer-lookup.ts': ['fault-plan.ts', 'input.ts', 'local-requests.ts'],
    'clock.ts': [],
    'command-line.ts': [],
    'fault-plan.ts': [],
    'input.ts': [],
    'open-in-browser.ts': [],
    'postgres.ts': [],
    'replicas.ts': [],
    'shutdown.ts': [],
    'local-requests.ts': [],
  },
}

/** All that other folders may import of these. */
const frontDoors: Record<string, string> = {
  wechatpay: 'wechatpay/index.ts',
  grants: 'grants/index.ts',
  customers: 'customers/index.ts',
  ledger: 'ledger/ledger.ts',
  config: 'config/config.ts',
  doctor: 'doctor/index.ts',
}

const bannedWords = /(?:^|[-./])(?:utils?|helpers?|common|misc|managers?|services?)(?=[-./]|$)/

test('imports only downwards, through front doors, without circles', () => {
  const files = sources()
  expect(Object.keys(files).length).toBeGreaterThan(20)
  expect(importProblems(files)).toEqual([])
  expect(roomProblems(files)).toEqual([])
  expect(circles(files)).toEqual([])
})

test('says of every band in the README what it may import, and nothing else', () => {
  const readme = readFileSync(new URL('../src/README.md', import.meta.url), 'utf8')
  const [, table = ''] = readme.split('\n| band | imports | what it is |\n| --- | --- | --- |\n')
  const [rows = ''] = table.split('\n\n')
  const named = (cell = '') => [...cell.matchAll(/`([^`]+?)\/?`/g)].map(([, name]) => name)
  const said = rows.split('\n').map((row) => row.split('|').slice(1, 3).map(named))
  expect(Object.fromEntries(said.map(([band, imports]) => [band?.[0], imports]))).toEqual(bands)
})

test('reads the environment only where the process starts', () => {
  expect(environmentProblems(sources())).toEqual([])
})

test('exports by name and names things plainly', () => {
  expect(exportProblems(sources())).toEqual([])
  expect(nameProblems(sources())).toEqual([])
})

test('finds what breaks the table', () => {
  const planted: Files = {
    'slack/app.ts': `import { openLedger } from '../ledger/ledger.ts'`,
    'slack/list/blocks.ts': `import type { Hold } from '../../grants/notifier.ts'`,
    'domain/grant.ts': `export { createGrants } from '../grants/index.ts'`,
    'wechatpay/client.ts': `import {\n  formatFen,\n} from '../domain/text.ts'`,
    'ledger/rows.ts': `const late = await import('../wechatpay/index.ts')`,
    'grants/request-grant.ts': `import '../ledger/rows.ts'`,
    'jobs/worker.ts': `import { x } from "../slack/app.ts"`,
    'main.ts': `import { formatFen } from './domain/text.ts'`,
    'sandbox/slack/start.ts': `import { app } from '../../app.ts'`,
    'app.ts': `import { start } from './sandbox/main.ts'`,
    'health.ts': `import { x } from './no-such-room.ts'`,
    'attic/old.ts': `import { x } from '../domain/text.ts'`,
    'logger.ts': `import { x } from '../test/builders.ts'`,
  }
  expect(importProblems(planted)).toEqual([
    'slack/app.ts imports ledger/ledger.ts: slack may import only its own, web-proxy.ts, http, grants, customers, doctor, domain',
    'slack/list/blocks.ts imports grants/notifier.ts: only grants/index.ts is open to others',
    'domain/grant.ts imports grants/index.ts: domain may import only its own',
    'wechatpay/client.ts imports domain/text.ts: wechatpay may import only its own, web-proxy.ts',
    'ledger/rows.ts imports wechatpay/index.ts: ledger may import only its own, domain',
    'grants/request-grant.ts imports ledger/rows.ts: only ledger/ledger.ts is open to others',
    'jobs/worker.ts imports slack/app.ts: jobs may import only its own, grants',
    'main.ts imports domain/text.ts: main.ts may import only its own, app.ts, version.ts, config, policy, logger.ts, exit-codes.ts, http, slack, wechatpay',
    'sandbox/slack/start.ts imports app.ts: sandbox may import only its own',
    expect.stringMatching(/^app\.ts imports sandbox\/main\.ts: /),
    expect.stringMatching(/^health\.ts imports no-such-room\.ts: /),
    'attic/old.ts is in no band of the table',
    'logger.ts imports ../test/builders.ts: logger.ts may import only its own, domain',
  ])
})

test('finds what crosses from room to room, types included', () => {
  const planted: Files = {
    'slack/decide/decide.ts': `import { showGrantList } from '../lists/grants.ts'`,
    'slack/operate/pause.ts': `import type { Message } from '../decide/decide.ts'`,
    'slack/lists/grants.ts': `export const draw = (form: import('../ask/form.ts').Form) => form`,
    'slack/blocks/grant-parts.ts': `export type { Edge } from '../edge/handlers.ts'`,
    'slack/edge/receive.ts': `import { listen } from '../listeners.ts'`,
    'slack/notifier.ts': `import { trailView } from './decide/trail.ts'`,
    'slack/new/view.ts': `import { x } from '../blocks/text.ts'`,
  }
  expect(roomProblems(planted)).toEqual([
    'slack/decide/decide.ts imports slack/lists/grants.ts: decide may import only its own, edge, blocks, ids.ts',
    'slack/operate/pause.ts imports slack/decide/decide.ts: operate may import only its own, edge, blocks, ids.ts',
    'slack/lists/grants.ts imports slack/ask/form.ts: lists may import only its own, edge, blocks, ids.ts',
    'slack/blocks/grant-parts.ts imports slack/edge/handlers.ts: blocks may import only its own, ids.ts',
    'slack/edge/receive.ts imports slack/listeners.ts: edge may import only its own, blocks, ids.ts',
    'slack/notifier.ts imports slack/decide/trail.ts: notifier.ts may import only its own, edge, blocks, ids.ts',
    'slack/new/view.ts is in no room of slack',
  ])
  const allowed: Files = {
    'slack/ask/form.ts': `import { x } from '../blocks/text.ts'\nimport { y } from './submit.ts'\nimport { z } from '../../grants/index.ts'`,
    'slack/listeners.ts': `import { x } from './ask/open-form.ts'`,
  }
  expect(roomProblems(allowed)).toEqual([])
})

test('allows what the table allows', () => {
  const allowed: Files = {
    'slack/list/blocks.ts': `import { x } from '../text.ts'\nimport type { y } from '../../domain/text.ts'`,
    'slack/text.ts': `import { WebClient } from '@slack/web-api'\n// see import './anything.ts' in prose`,
    'grants/index.ts': `import { y } from '../wechatpay/index.ts'\nimport { z } from '../ledger/ledger.ts'`,
    'sandbox/main.ts': `import { x } from '../app.ts'\nimport { y } from './slack/index.ts'`,
    'sandbox/slack/start.ts': `import { x } from '../clock.ts'`,
    'app.ts': `import { createSlack } from './slack/app.ts'`,
  }
  expect(importProblems(allowed)).toEqual([])
})

test('finds circles', () => {
  const planted: Files = {
    'domain/a.ts': `import { b } from './b.ts'`,
    'domain/b.ts': `import { c } from './c.ts'\nimport { d } from './d.ts'`,
    'domain/c.ts': `import { a } from './a.ts'`,
    'domain/d.ts': `import type { B } from './b.ts'`,
  }
  expect(circles(planted)).toEqual(['domain/a.ts -> domain/b.ts -> domain/c.ts -> domain/a.ts'])
})

test('finds readers of the environment', () => {
  const planted: Files = {
    'main.ts': 'start(process.env)',
    'sandbox/slack/main.ts': 'start(process.env)',
    'slack/app.ts': 'const token = process.env.SLACK_BOT_TOKEN',
    'ledger/ledger.ts': `import { env } from 'node:process'`,
    'grants/index.ts': 'const { env } = process',
    'wechatpay/client.ts': `const home = process['env']`,
  }
  expect(environmentProblems(planted)).toEqual([
    'slack/app.ts reads the environment',
    'ledger/ledger.ts reads the environment',
    'grants/index.ts reads the environment',
    'wechatpay/client.ts reads the environment',
  ])
})

test('finds default exports, exports of everything and empty names', () => {
  const planted: Files = {
    'domain/text.ts': 'export default function f() {}',
    'domain/card.ts': 'const x = 1\nexport { x as default }',
    'grants/index.ts': `export * from './grants.ts'`,
    'slack/grants-helper.ts': '',
    'ledger/utils/rows.ts': '',
    'slack/common.ts': '',
    'grants/request-service.ts': '',
    'slack/MyCards.ts': '',
    'slack/commonly-asked.ts': 'export const isDefault = true',
  }
  expect(exportProblems(planted)).toEqual([
    'domain/text.ts exports a default',
    'domain/card.ts exports a default',
    'grants/index.ts exports everything of another file',
  ])
  expect(nameProblems(planted)).toEqual([
    'slack/grants-helper.ts has a name that says nothing',
    'ledger/utils/rows.ts has a name that says nothing',
    'slack/common.ts has a name that says nothing',
    'grants/request-service.ts has a name that says nothing',
    'slack/MyCards.ts is not in kebab-case',
  ])
})

function sources(): Files {
  const root = new URL('../src/', import.meta.url)
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' })
  return Object.fromEntries(
    paths
      .filter((path) => /\.(?:[cm]?ts|[cm]?js)$/.test(path))
      .sort()
      .map((path) => [path, readFileSync(new URL(path, root), 'utf8')]),
  )
}

/** What a file imports of our own, as paths below src/. */
function importsOf(path: string, source: string): string[] {
  const statements =
    /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"`]([^'"`]+)['"`]/gm
  return [...source.matchAll(statements)]
    .map(([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? '')
    .filter((target) => target.startsWith('.'))
    .map((target) => posix.join(posix.dirname(path), target))
}

function bandOf(path: string): string {
  return path in bands ? path : (path.split('/')[0] ?? path)
}

function importProblems(files: Files): string[] {
  return Object.entries(files).flatMap(([path, source]) => {
    const band = bandOf(path)
    const mayImport = bands[band]
    if (!mayImport) return [`${path} is in no band of the table`]
    return importsOf(path, source).flatMap((target) => {
      const folder = target.split('/')[0] ?? ''
      const isOwn = target.includes('/') && folder === band && target !== `${band}/main.ts`
      if (isOwn) return []
      if (!mayImport.includes(folder))
        return [`${path} imports ${target}: ${band} may import only ${['its own', ...mayImport].join(', ')}`]
      const door = frontDoors[folder]
      return door && target !== door ? [`${path} imports ${target}: only ${door} is open to others`] : []
    })
  })
}

function roomProblems(files: Files): string[] {
  return Object.entries(files).flatMap(([path, source]) => {
    const [band = '', room = ''] = path.split('/')
    const table = rooms[band]
    if (!table) return []
    const mayImport = table[room]
    if (!mayImport) return [`${path} is in no room of ${band}`]
    return importsOf(path, source)
      .map((target) => ({ target, parts: target.split('/') }))
      .filter(({ parts }) => parts[0] === band && parts[1] !== room && !mayImport.includes(parts[1] ?? ''))
      .map(
        ({ target }) =>
          `${path} imports ${target}: ${room} may import only ${['its own', ...mayImport].join(', ')}`,
      )
  })
}

/** Each circle once, begun at its first file by name. What is imported as a type alone makes none: it is gone at run time. */
function circles(files: Files): string[] {
  const found = new Set<string>()
  const done = new Set<string>()
  const walk = (path: string, trail: readonly string[]) => {
    const begun = trail.indexOf(path)
    if (begun >= 0) {
      found.add([...trail.slice(begun), path].join(' -> '))
      return
    }
    if (done.has(path)) return
    for (const target of runtimeImports(path, files[path] ?? '')) walk(target, [...trail, path])
    done.add(path)
  }
  for (const path of Object.keys(files).sort()) walk(path, [])
  return [...found]
}

/** Imports that are there when the program runs. */
function runtimeImports(path: string, source: string): string[] {
  return importsOf(path, source.replace(/^\s*(?:import|export) type\b[^'"]*['"][^'"]+['"]/gm, ''))
}

function environmentProblems(files: Files): string[] {
  const reads =
    /process\s*(?:\?\.|\.)\s*env\b|process\s*\[\s*['"`]env|\benv\b[^}\n]*\}\s*(?:=\s*process\b|from\s*['"](?:node:)?process['"])/
  return Object.entries(files)
    .filter(
      ([path, source]) =>
        !/^(?:main|tools\/main|sandbox\/(?:.+\/)?main)\.ts$/.test(path) && reads.test(source),
    )
    .map(([path]) => `${path} reads the environment`)
}

function exportProblems(files: Files): string[] {
  return Object.entries(files).flatMap(([path, source]) => [
    ...(/^\s*export\s+default\b|\bas\s+default\b[^'"]*\}\s*$/m.test(source)
      ? [`${path} exports a default`]
      : []),
    ...(/^\s*export\s+(?:type\s+)?\*/m.test(source) ? [`${path} exports everything of another file`] : []),
  ])
}

function nameProblems(files: Files): string[] {
  return Object.keys(files).flatMap((path) => {
    if (bannedWords.test(path)) return [`${path} has a name that says nothing`]
    return /^(?:[a-z0-9]+(?:-[a-z0-9]+)*\/)*[a-z0-9]+(?:-[a-z0-9]+)*\.[tj]s$/.test(path)
      ? []
      : [`${path} is not in kebab-case`]
  })
}
