import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { beginSealing, publicKeyOf, signHash } from '../../src/domain/seal.ts'
import { openLedger } from '../../src/ledger/ledger.ts'
import { engines, openOn } from '../ledger/engines.ts'
import { record } from '../ledger/grants.ts'
import { folder, livedIn, other, run, sealBy } from './sealed-ledger.ts'

/** Line 1: manifest; 2 to 6: the trail; 7: seal 1; 8 to 10: the trail; 11: seal 2; 12: not sealed yet; 13 to 15: grants; 16: end. */
async function exported(url: string): Promise<string[]> {
  const file = join(folder(), 'export.jsonl')
  await run(url, 'export', file)
  return readFileSync(file, 'utf8').trimEnd().split('\n')
}

/** @returns what is said of it, and with which code */
async function verify(url: string, content: string, ...args: string[]) {
  const file = join(folder(), 'bad.jsonl')
  writeFileSync(file, content)
  const { code, out } = await run(url, 'verify', file, ...args)
  return { code, out }
}

const whole = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('')

/** With an end that fits what is there, as by somebody who knows how exports are made, and has not the key. */
function endedAnew(lines: readonly string[], signed?: typeof other): string[] {
  const before = lines.slice(0, -1)
  const types = before.map((line) => JSON.parse(line).type)
  const sha256 = createHash('sha256').update(whole(before)).digest('hex')
  const unsealed = types.slice(types.lastIndexOf('seal')).filter((type) => type === 'event').length
  const by = signed
    ? { key: publicKeyOf(signed), signature: signHash(signed, 'export', sha256) }
    : { key: null, signature: null }
  return [...before, JSON.stringify({ type: 'end', lines: before.length, unsealed, sha256, ...by })]
}

test.each(
  engines,
)('finds whatever was done to an export, and names the first bad line (%s)', async (engine) => {
  const { url } = await livedIn(engine)
  const lines = await exported(url)
  const at = (number: number) => lines[number - 1] ?? ''
  const without = (number: number) => lines.toSpliced(number - 1, 1)
  const before = (number: number, ...more: string[]) => lines.toSpliced(number - 1, 0, ...more)
  const replaced = (number: number, from: RegExp | string, to: string) => {
    const line = at(number).replace(from, to)
    expect(line).not.toBe(at(number))
    return lines.with(number - 1, line)
  }
  const edited = (number: number, change: object) => JSON.stringify({ ...JSON.parse(at(number)), ...change })
  const cases: [what: string, lines: string[], found: string][] = [
    ['a changed line', replaced(4, 'U0REQUESTER', 'U0NOBODY'), 'line 4: line 3 is not as it was sealed'],
    ['a line twice', before(5, at(4)), 'line 5: line 3 of the trail comes after line 3'],
    ['reordered', lines.toSpliced(3, 2, at(5), at(4)), 'line 5: line 3 of the trail comes after line 4'],
    ['a line less', without(4), 'line 4: what came before line 4 is missing'],
    ['the last line of a seal less', without(6), 'line 6: what followed line 4 is missing'],
    ['a line more', before(7, edited(6, { id: 6 })), 'line 7: line 6 was not there when it was sealed'],
    ['an empty line', before(5, ''), 'line 5: it is not what an export holds: it was changed, or cut off'],
    ['a seal less', without(7), 'line 10: seal 1 is missing'],
    ['a seal twice', before(8, at(7)), 'line 8: seal 1 comes twice, or after 1'],
    [
      'a forked chain',
      replaced(11, /"before":"\w+"/, `"before":"${'c'.repeat(64)}"`),
      'line 11: it does not go on from seal 1: one of the two is of another chain',
    ],
    ['a grant less', without(13), 'line 15: 15 lines were exported, 14 are here'],
    ['a grant twice', before(14, at(13)), 'line 14: '],
    ['a grant that contradicts its trail', replaced(13, '"quota":1000', '"quota":10'), 'line 13: grant'],
    [
      'what no trail tells, changed',
      replaced(13, '"stock":"withdraw-10"', '"stock":"withdraw-50"'),
      'line 16: some line before it is not as it was exported',
    ],
    [
      'a grant among the trail',
      lines.toSpliced(12, 1).toSpliced(7, 0, at(13)),
      'line 9: lines of the trail come before the grants',
    ],
    ['an unsealed line less', without(12), 'line 15: 15 lines were exported, 14 are here'],
    ['without its manifest', without(1), 'line 1: it does not begin with a manifest'],
    [
      'a changed manifest',
      replaced(1, /"made_by":"[^"]*"/, '"made_by":"cli:eve"'),
      'line 16: some line before it is not as it was exported',
    ],
    [
      'a manifest of another format',
      replaced(1, 'export 1', 'export 2'),
      'line 1: it is not what an export holds',
    ],
    [
      'a manifest that tells of another begin',
      [edited(1, { after: { number: 1, hash: 'a', last: 5 } }), ...lines.slice(1)],
      'line 2: line 1 of the trail comes after line 5',
    ],
    ['two manifests', before(2, at(1)), 'line 2: there are two manifests'],
    ['a second end', [...lines, at(16)], 'line 17: 15 lines were exported, 16 are here'],
    ['something after its end', [...lines, at(13)], 'line 17: something follows after the end'],
    [
      'of another ledger',
      replaced(1, /"ledger":"b+"/, `"ledger":"${'d'.repeat(64)}"`),
      'line 7: it is of another ledger',
    ],
    [
      'another signature',
      replaced(16, /"signature":"....../, '"signature":"AAAAAA'),
      'line 16: the signature of the export is wrong',
    ],
    [
      'signed by another key',
      endedAnew(lines, other),
      `line 16: the export is signed by another key: ${publicKeyOf(other)}`,
    ],
    // What nobody can hide who makes a new end for it.
    [
      'a changed line, with a new end',
      endedAnew(replaced(8, 'U0LEAD01', 'U0NOBODY')),
      'line 8: line 6 is not as it was sealed',
    ],
    ['a grant less, with a new end', endedAnew(without(13)), 'line 2: grant'],
    [
      'a grant more, with a new end',
      endedAnew(before(16, edited(15, { id: 'Z'.repeat(26) }))),
      `line 16: grant ${'Z'.repeat(26)} has no trail`,
    ],
    [
      'a grant that contradicts its trail, with a new end',
      endedAnew(replaced(13, /"coupon_id":"[^"]*"/, '"coupon_id":"coupon-9"')),
      'line 13: grant',
    ],
  ]
  for (const [what, of, found] of cases) {
    const { code, out } = await verify(url, whole(of))
    const told = out.replace(' of the file:', ':').slice(0, found.length)
    expect.soft({ what, code, told }).toEqual({ what, code: 1, told: found })
  }
  // Without its last seal, its lines count as not sealed yet: only a seal that people were told of shows it.
  const { number, hash } = JSON.parse(at(11))
  const shorter = whole(endedAnew(without(11)))
  expect(await verify(url, shorter, '--head', `${number}:${hash}`)).toEqual({
    code: 1,
    out: 'the end: seal 2 is missing: people were told of seal 2\n',
  })
  expect(await verify(url, shorter)).toMatchObject({
    out: expect.stringContaining('The export itself is not signed'),
  })
  // Kept with other ends of lines.
  expect(await verify(url, `${lines.join('\r\n')}\r\n`)).toMatchObject({ code: 0 })
})

test('finds where an export is cut off, wherever that is', async () => {
  const { url } = await livedIn('sqlite')
  const lines = await exported(url)
  for (const [index, line] of lines.entries()) {
    const kept = lines.slice(0, index)
    const number = index + 1
    expect.soft(await verify(url, whole(kept)), `before line ${number}`).toEqual({
      code: 1,
      out: `line ${number} of the file: the export is cut off: its end is missing\n`,
    })
    for (const length of [1, Math.floor(line.length / 2), line.length - 1])
      expect.soft(await verify(url, whole(kept) + line.slice(0, length)), `in line ${number}`).toEqual({
        code: 1,
        out: `line ${number} of the file: it is not what an export holds: it was changed, or cut off\n`,
      })
  }
  expect(await verify(url, lines.join('\n'))).toMatchObject({ code: 0 })
})

test('takes no part of another chain, whoever signed it', async () => {
  const { url } = await livedIn('sqlite')
  const lines = await exported(url)
  const { ledger, url: elsewhere } = await openOn('sqlite')
  await record(ledger, { openid: 'oTESTelsewhere' })
  await ledger.seal({ ...sealBy(), randomHex: () => 'c'.repeat(64) })
  const foreign = await exported(elsewhere)
  expect(await verify(url, whole(endedAnew([lines[0] ?? '', ...foreign.slice(1)])))).toEqual({
    code: 1,
    out: 'line 4 of the file: it is of another ledger\n',
  })
  const { hash } = JSON.parse(lines[6] ?? '')
  expect(await verify(url, whole(foreign))).toMatchObject({ code: 0 })
  expect(await verify(url, whole(foreign), '--head', `1:${hash}`)).toEqual({
    code: 1,
    out: 'line 4 of the file: seal 1 is another one than the one that was told\n',
  })

  // A fork: a line that nobody likes is left out, and all after it sealed anew by whoever owns the database.
  const { type: _, ...second } = JSON.parse(lines[10] ?? '')
  const kept = [lines[7], lines[8]].map((line) => JSON.parse(line ?? ''))
  const sealing = beginSealing()
  for (const { type: _, ...event } of kept) sealing.add(event)
  const link = { number: 2, last: kept[1].id, before: second.before, at: second.at }
  const forked = { type: 'seal', ...second, ...link, count: 2, marks: sealing.marks() }
  forked.hash = sealing.end(link)
  Object.assign(forked, sealBy(other).sign(forked.hash))
  const fork = endedAnew([...lines.slice(0, 9), JSON.stringify(forked), ...lines.slice(11)])
  expect(await verify(url, whole(fork))).toEqual({
    code: 1,
    out: `line 10 of the file: it is signed by another key: ${publicKeyOf(other)}; if that is yours, name it by --key\n`,
  })
  expect(await verify(url, whole(fork), '--key', publicKeyOf(other), '--head', `2:${second.hash}`)).toEqual({
    code: 1,
    out: 'line 10 of the file: seal 2 is another one than the one that was told\n',
  })
})

test.each(
  engines,
)('a seal that was told is missed in the ledger, too, once it is gone (%s)', async (engine) => {
  const place = await livedIn(engine)
  const [told] = await place.sql('select number, hash from seals order by number desc limit 1')
  await place.sql('delete from seals where number = 2')
  expect(await run(place.url, 'verify')).toMatchObject({ code: 0 })
  expect(await run(place.url, 'verify', '--head', `2:${told?.hash}`)).toMatchObject({
    code: 1,
    out: 'the end: seal 2 is missing: people were told of seal 2\n',
  })
  // Sealed anew it is another one, since it is of another time.
  const ledger = await openLedger({ url: place.url, role: 'tool', now: () => 1_900_000_000_000 })
  await ledger.seal(sealBy()).finally(() => ledger.close())
  expect(await run(place.url, 'verify', '--head', `2:${told?.hash}`)).toMatchObject({
    code: 1,
    out: 'seal 2: seal 2 is another one than the one that was told\n',
  })
})
