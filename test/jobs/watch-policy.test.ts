import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Policy } from '../../src/domain/policy.ts'
import type { Language } from '../../src/domain/text.ts'
import { watchPolicy } from '../../src/jobs/watch-policy.ts'
import { formatMistakes } from '../../src/policy/mistakes.ts'
import { parsePolicy } from '../../src/policy/parse-policy.ts'

const example = readFileSync(new URL('../../manifest/policy.example.yaml', import.meta.url), 'utf8')
const withApprovals = (count: number | string) => example.replace('approvals: 1  ', `approvals: ${count}  `)

const inEach = (text: (language: Language) => string) => ({ en: text('en'), 'zh-CN': text('zh-CN') })

/** A policy file, looked at whenever the test says so. */
function start() {
  const folder = mkdtempSync(join(tmpdir(), 'watch-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'policy.yaml')
  const write = (text: string) => writeFileSync(file, text)
  write(example)
  const read = () => {
    let text: string
    try {
      text = readFileSync(file, 'utf8')
    } catch {
      return { ok: false as const, text: inEach(() => 'policy.yaml can not be read') }
    }
    const parsed = parsePolicy(text, { mchid: '1', appid: 'wx1' })
    if (parsed.ok) return parsed
    const { mistakes } = parsed
    return { ok: false as const, text: inEach((to) => formatMistakes('policy.yaml', mistakes, to)) }
  }
  const first = read()
  if (!first.ok) throw new Error(first.text.en)
  let inForce: Policy = first.policy
  const adopted: number[] = []
  const broken: string[] = []
  const trouble: { adopt: Error | null } = { adopt: null }
  const look = watchPolicy<Policy>({
    read,
    current: () => inForce,
    use: (policy) => {
      inForce = policy
    },
    async adopt(policy) {
      if (trouble.adopt) throw trouble.adopt
      adopted.push(policy.approval.approvals)
    },
    async reportBroken(mistakes) {
      broken.push(mistakes.en)
    },
  })
  return {
    write,
    remove: () => rmSync(file),
    look,
    adopted,
    broken,
    trouble,
    approvals: () => inForce.approval.approvals,
  }
}

test('takes a change up once it was read twice, and only once', async () => {
  const { write, look, adopted, approvals } = start()
  await look()
  write(withApprovals(2))
  await look()
  expect([approvals(), adopted]).toEqual([1, []])
  await look()
  await look()
  expect([approvals(), adopted]).toEqual([2, [2]])
})

test('does not take up a half that is being written, though it is a policy by itself', async () => {
  const { write, look, adopted, broken } = start()
  const half = withApprovals(3).slice(0, withApprovals(3).indexOf('\nlimits:') + 1)
  const whole = withApprovals(3)
  write(half)
  await look()
  write(whole.slice(0, 400))
  await look()
  write(whole)
  await look()
  expect([adopted, broken]).toEqual([[], []])
  await look()
  expect([adopted, broken]).toEqual([[3], []])
})

test('takes up the last of two changes in a row', async () => {
  const { write, look, adopted, approvals } = start()
  write(withApprovals(2))
  await look()
  write(withApprovals(4))
  await look()
  await look()
  expect([approvals(), adopted]).toEqual([4, [4]])
  write(withApprovals(2))
  await look()
  await look()
  write(example)
  await look()
  await look()
  expect([approvals(), adopted]).toEqual([1, [4, 2, 1]])
})

test('keeps the old one while the file is broken or gone, and reports each time once', async () => {
  const { write, remove, look, adopted, broken, approvals } = start()
  write(withApprovals('none'))
  for (let looks = 0; looks < 3; looks++) await look()
  expect(broken).toEqual([expect.stringContaining('approval.approvals: is text, not a whole number')])
  remove()
  for (let looks = 0; looks < 3; looks++) await look()
  expect(broken.slice(1)).toEqual(['policy.yaml can not be read'])
  // Back as it was: nothing has changed, and what breaks again is told again.
  write(example)
  for (let looks = 0; looks < 3; looks++) await look()
  write(withApprovals('none'))
  for (let looks = 0; looks < 3; looks++) await look()
  expect(broken).toHaveLength(3)
  expect([approvals(), adopted]).toEqual([1, []])
})

test('does not serve by a policy that could not be kept, and tries again', async () => {
  const { write, look, trouble, adopted, approvals } = start()
  write(withApprovals(2))
  await look()
  trouble.adopt = new Error('the ledger is busy')
  await expect(look()).rejects.toThrow('the ledger is busy')
  expect(approvals()).toBe(1)
  trouble.adopt = null
  await look()
  expect([approvals(), adopted]).toEqual([2, [2]])
})
