import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { policySchema } from '../src/policy/schema.ts'
import { en, type Words } from '../src/slack/blocks/words/en/index.ts'
import { zhCN } from '../src/slack/blocks/words/zh-cn/index.ts'

const root = new URL('..', import.meta.url).pathname
const read = (name: string) => readFileSync(join(root, name), 'utf8')
const readme = read('README.md')
const policy = read('manifest/README.md')
const running = read('src/tools/README.md')
/** Each document that there is in both languages. */
const translated = ['', 'manifest/', 'src/tools/'].map((folder) => ({
  folder,
  english: read(`${folder}README.md`),
  chinese: read(`${folder}README.zh-CN.md`),
}))
const english = ['src/', 'src/sandbox/', 'src/wechatpay/', 'test/'].map((folder) => ({
  folder,
  text: read(`${folder}README.md`),
}))
const documents = [
  ...english,
  ...translated.flatMap(({ folder, english, chinese }) => [
    { folder, text: english },
    { folder, text: chinese },
  ]),
]
const { scripts }: { scripts: Record<string, string> } = JSON.parse(read('package.json'))

test('names only scripts that there are, and the two that do all the set-up', () => {
  for (const { text } of documents) {
    const code = [...text.matchAll(/```sh\n([\s\S]*?)```|`([^`\n]+)`/g)].map(
      ([, block, inline]) => block ?? inline,
    )
    const named = code.join('\n').matchAll(/npm (?:run (?:-s )?)?(?!ci\b|run\b)([a-z][a-z:-]*)/g)
    const unknown = [...named].flatMap(([, name = '']) => (name in scripts ? [] : [name]))
    expect(unknown).toEqual([])
  }
  expect(readme).toContain('npm ci && npm run sandbox\n')
  expect(readme).toContain('npm ci && npm test\n')
})

test('links only to files that there are', () => {
  for (const { folder, text } of documents)
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)#]+)\)/g))
      expect(existsSync(join(root, folder, target)), `${folder}README.md: ${target}`).toBe(true)
})

test('can be read in a few minutes, and leads to every other document', () => {
  expect(readme.split(/\s+/).length).toBeLessThanOrEqual(1600)
  for (const { folder } of documents) expect(readme).toContain(`](${folder}README`)
})

test('names every variable of the example, and the example every one of the table', () => {
  const variables = (text: string) =>
    [...new Set([...text.matchAll(/\b(?:SLACK|WECHATPAY)_[A-Z0-9_]+\b/g)].map(([name]) => name))].sort()
  expect(variables(running)).toEqual(variables(read('.env.example')))
})

test('tells every key of the policy', () => {
  for (const key of Object.keys(policySchema.shape)) expect(policy).toContain(`\`${key}`)
  const { approval, limits, ticket } = policySchema.shape
  for (const key of Object.keys(approval.shape)) expect(policy).toContain(`\`approval.${key}\``)
  for (const key of Object.keys(limits.unwrap().shape)) expect(policy).toContain(key)
  for (const key of Object.keys(ticket.unwrap().shape)) expect(policy).toContain(`\`${key}`)
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
      .replace('.zh-CN.md', '.md')
      .split(' ')
      .map((word) => inEnglish.get(word) ?? word.replace(/^([[<]).*([\]>])$/, '$1$2'))
      .join(' '),
  )
const fenced = /^```\w*\n[\s\S]*?^```$/gm
const sections = (text: string) => text.replace(fenced, '').split(/^(?=#+ )/m)
const heading = (section: string) => section.slice(0, section.indexOf('\n'))

test('is translated section by section, with the same blocks of code', () => {
  const levels = (text: string) => sections(text).map((section) => heading(section).replace(/ .*/, ''))
  const blocks = (text: string) =>
    [...text.matchAll(fenced)].map(([block]) => block.replace(/[ \t]+# .*$/gm, ''))
  for (const { english, chinese } of translated) {
    expect(levels(chinese)).toEqual(levels(english))
    expect(blocks(chinese)).toEqual(blocks(english))
    expect(english).toContain('](README.zh-CN.md)')
    expect(chinese).toContain('](README.md)')
  }
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
  for (const [index, section] of translated.flatMap(({ english }) => sections(english)).entries()) {
    const other = translated.flatMap(({ chinese }) => sections(chinese))[index] ?? ''
    expect(rows(other), heading(section)).toEqual(rows(section))
    expect(new Set(inlineCode(other)), heading(section)).toEqual(new Set(inlineCode(section)))
    expect(without(figures(section), figures(other)), heading(section)).toEqual([])
    expect(addresses(other), heading(section)).toEqual(addresses(section))
  }
})

test('shows pictures in the language of the text where there are any', () => {
  const shown = (text: string) => [...text.matchAll(/!\[[^\]]*\]\(([^)]+)-(en|zh-CN)\.png\)/g)]
  const translation = read('README.zh-CN.md')
  for (const [, name = ''] of shown(readme))
    expect(shown(translation).map(([, other]) => other)).toContain(name)
  const pictures = shown(translation).map(([, name, language]) => `${name}-${language}.png`)
  for (const [, name] of shown(translation))
    if (existsSync(join(root, `${name}-zh-CN.png`))) expect(pictures).toContain(`${name}-zh-CN.png`)
})
