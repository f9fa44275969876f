import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { policySchema } from '../src/domain/policy-schema.ts'
import { en } from '../src/slack/words/en.ts'
import { zhCN } from '../src/slack/words/zh-cn.ts'

const root = new URL('..', import.meta.url).pathname
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const map = readFileSync(join(root, 'src/README.md'), 'utf8')
const { scripts }: { scripts: Record<string, string> } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
)

test('names only scripts that there are, and the two that do all the set-up', () => {
  const code = [...readme.matchAll(/```sh\n([\s\S]*?)```|`([^`\n]+)`/g)].map(
    ([, block, inline]) => block ?? inline,
  )
  const named = code.join('\n').matchAll(/npm (?:run (?:-s )?)?(?!ci\b|run\b)([a-z][a-z:-]*)/g)
  const unknown = [...named].flatMap(([, name = '']) => (name in scripts ? [] : [name]))
  expect(unknown).toEqual([])
  expect(readme).toContain('npm ci && npm run sandbox\n')
  expect(readme).toContain('npm ci && npm test\n')
})

test('links only to files that there are', () => {
  for (const [text, folder] of [
    [readme, ''],
    [map, 'src'],
  ] as const)
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)#]+)\)/g))
      expect(existsSync(join(root, folder, target)), target).toBe(true)
})

test('names every variable of the example, and the example every one of the table', () => {
  const example = readFileSync(join(root, '.env.example'), 'utf8')
  const variables = (text: string) => [
    ...new Set([...text.matchAll(/\b(?:SLACK|WECHATPAY)_[A-Z0-9_]+\b/g)].map(([name]) => name)),
  ]
  const inExample = variables(example)
  const inReadme = variables(readme)
  expect(inReadme.filter((name) => !inExample.includes(name))).toEqual([])
  expect(inExample.filter((name) => !inReadme.includes(name))).toEqual([])
})

test('tells every key of the policy', () => {
  for (const key of Object.keys(policySchema.shape)) expect(readme).toContain(`\`${key}`)
  const { approval, limits, ticket } = policySchema.shape
  for (const key of Object.keys(approval.shape)) expect(readme).toContain(`\`approval.${key}\``)
  for (const key of Object.keys(limits.unwrap().shape)) expect(readme).toContain(key)
  for (const key of Object.keys(ticket.unwrap().shape)) expect(readme).toContain(`\`${key}\``)
})

test('tells every subcommand in both languages', () => {
  for (const word of [...Object.values(en.subcommands), ...Object.values(zhCN.subcommands)])
    expect(readme).toMatch(new RegExp(`\`(?:/withdraw-coupon )?${word}\\b|\`${word}\``, 'u'))
})
