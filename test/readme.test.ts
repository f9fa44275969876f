import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { policySchema } from '../src/policy/schema.ts'
import { en, type Words } from '../src/slack/words/en.ts'
import { zhCN } from '../src/slack/words/zh-cn.ts'

const root = new URL('..', import.meta.url).pathname
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const translation = readFileSync(join(root, 'README.zh-CN.md'), 'utf8')
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
    [translation, ''],
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

const inEnglish = new Map(
  Object.entries(zhCN.subcommands).map(([key, word]) => [
    word,
    en.subcommands[key as keyof Words['subcommands']],
  ]),
)

/** What stands in backticks, subcommands in English and what stands for an argument without its name. */
const inlineCode = (text: string) =>
  [...text.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) =>
    code
      .split(' ')
      .map((word) => inEnglish.get(word) ?? word.replace(/^([[<]).*([\]>])$/, '$1$2'))
      .join(' '),
  )
const fenced = /^```\w*\n[\s\S]*?^```$/gm
const sections = (text: string) => text.replace(fenced, '').split(/^(?=#+ )/m)
const heading = (section: string) => section.slice(0, section.indexOf('\n'))

test('is translated section by section, with the same blocks of code', () => {
  const levels = (text: string) => sections(text).map((section) => heading(section).replace(/ .*/, ''))
  expect(levels(translation)).toEqual(levels(readme))
  const blocks = (text: string) =>
    [...text.matchAll(fenced)].map(([block]) => block.replace(/[ \t]+# .*$/gm, ''))
  expect(blocks(translation)).toEqual(blocks(readme))
  expect(readme).toContain('](README.zh-CN.md)')
  expect(translation).toContain('](README.md)')
})

test('is translated with the same rows of tables, code, figures and addresses', () => {
  const rows = (text: string) =>
    [...text.matchAll(/^\| (.*?) ?(?<!\\)\|/gm)]
      .map(([, cell = '']) => inlineCode(cell))
      .filter(({ length }) => length)
  const figures = (text: string) => text.match(/\d+(?:[.,]\d+)*/g) ?? []
  const without = (some: string[], others: string[]) =>
    others.reduce((left, one) => (left.includes(one) ? left.toSpliced(left.indexOf(one), 1) : left), some)
  const addresses = (text: string) => text.match(/https?:[^\s)`]+/g) ?? []
  const translated = sections(translation)
  for (const [index, section] of sections(readme).entries()) {
    const other = translated[index] ?? ''
    expect(rows(other), heading(section)).toEqual(rows(section))
    expect(new Set(inlineCode(other)), heading(section)).toEqual(new Set(inlineCode(section)))
    expect(without(figures(section), figures(other)), heading(section)).toEqual([])
    expect(addresses(other), heading(section)).toEqual(addresses(section))
  }
})

test('shows pictures in the language of the text where there are any', () => {
  const shown = (text: string) => [...text.matchAll(/!\[[^\]]*\]\(([^)]+)-(en|zh-CN)\.png\)/g)]
  for (const [, name = ''] of shown(readme))
    expect(shown(translation).map(([, other]) => other)).toContain(name)
  const pictures = shown(translation).map(([, name, language]) => `${name}-${language}.png`)
  for (const [, name] of shown(translation))
    if (existsSync(join(root, `${name}-zh-CN.png`))) expect(pictures).toContain(`${name}-zh-CN.png`)
})
