import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'

const read = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')
const text = read('compose.yaml')
const { app } = parse(text).services

test('mounts the folder of the policy, as a mounted file stays the one that an editor has replaced', () => {
  const mounts: string[][] = app.volumes.map((mount: string) => mount.split(':'))
  const folder = dirname(app.environment.POLICY_FILE)
  const [host = ''] = mounts.find(([, inside]) => inside === folder) ?? []
  expect(host).toBe('./policy')
  expect(read('README.md')).toContain(`mkdir policy && cp manifest/policy.example.yaml policy/policy.yaml`)
  expect(read('.gitignore').split('\n')).toContain('/policy/')
})

test('asks for no variable that the example does not name', () => {
  const asked = [...text.matchAll(/\$\{([A-Z_]+)/g)].map(([, name = '']) => name)
  expect(asked).toContain('POSTGRES_PASSWORD')
  const named = read('.env.example')
  for (const name of asked) expect(named).toMatch(new RegExp(`^(?:# )?${name}=`, 'm'))
})
