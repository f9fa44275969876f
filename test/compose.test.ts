import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { loadConfig } from '../src/config/config.ts'

const read = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')
const text = read('compose.yaml')
const { app } = parse(text).services

test('mounts the folder of the policy, as a mounted file stays the one that an editor has replaced', () => {
  const mounts: string[][] = app.volumes.map((mount: string) => mount.split(':'))
  const folder = dirname(app.environment.POLICY_FILE)
  const [host = ''] = mounts.find(([, inside]) => inside === folder) ?? []
  expect(host).toBe('./policy')
  expect(read('src/tools/README.md')).toContain(
    `mkdir policy && cp manifest/policy.example.yaml policy/policy.yaml`,
  )
  expect(read('.gitignore').split('\n')).toContain('/policy/')
})

test('asks for no variable that the example does not name', () => {
  const asked = [...text.matchAll(/\$\{([A-Z_]+)/g)].map(([, name = '']) => name)
  expect(asked).toContain('POSTGRES_PASSWORD')
  const named = read('.env.example')
  for (const name of asked) expect(named).toMatch(new RegExp(`^(?:# )?${name}=`, 'm'))
})

test('hands on every variable of the example, and no other', () => {
  const named = [...read('.env.example').matchAll(/^(?:# )?([A-Z][A-Z0-9_]+)=/gm)].map(
    ([, name = '']) => name,
  )
  // Of the image, and the database's own.
  const notHandedOn = ['METRICS_PORT', 'METRICS_HOST', 'POSTGRES_PASSWORD']
  const texts = ['WECHATPAY_PRIVATE_KEY', 'WECHATPAY_PUBLIC_KEY']
  const proxies = ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY']
  const wanted = [...named.filter((name) => !notHandedOn.includes(name)), ...texts, ...proxies]
  expect(Object.keys(app.environment).sort()).toEqual([...new Set(wanted)].sort())
  expect(app.env_file).toBeUndefined()
})

test('gives the app no more rights than it needs', () => {
  expect(app).toMatchObject({
    read_only: true,
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    mem_limit: expect.stringMatching(/^\d+[mg]$/),
  })
  expect(app.privileged ?? app.cap_add).toBeUndefined()
  const port = '$'.concat('{PORT:-3000}')
  expect(app.ports).toEqual([`127.0.0.1:${port}:${port}`, '127.0.0.1:9464:9464'])
})

test('is a configuration that the app takes, with what the example says', () => {
  const env = Object.fromEntries(
    Object.entries(app.environment).map(([name, value]) => [
      name,
      String(value ?? '').replace(/\$\{[^}]+\}/, 'secret'),
    ]),
  )
  const loaded = loadConfig(env)
  const told = loaded.ok ? [] : loaded.problems.map(({ variable }) => variable)
  expect(told).not.toContain('DATABASE_URL')
})
