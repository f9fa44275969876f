import { generateKeyPairSync } from 'node:crypto'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { publicKeyOf } from '../../src/domain/seal.ts'
import { audit } from '../../src/tools/audit.ts'
import { engines, openOn } from '../ledger/engines.ts'
import { record } from '../ledger/grants.ts'
import { runTool } from './run-tool.ts'
import { folder, issue, key, livedIn, OPENIDS, other, run, sealBy } from './sealed-ledger.ts'

test.each(engines)('proves a ledger that nobody has changed (%s)', async (engine) => {
  const { url } = await livedIn(engine)
  const { code, out, err } = await run(url, 'verify')
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out.replace(/\d{4}-\S+Z/, 'TIME').split('\n')).toEqual([
    '8 lines of the trail in 2 seals: nothing was changed. The last seal is of TIME.',
    '1 line came since, and are not sealed yet: nothing proves them.',
    '3 grants: each row agrees with its trail.',
    `Signed by ${key} from seal 1 on.`,
    '',
  ])
})

/** What somebody does who owns the database, and where it is found. */
const tamperings: Record<string, { sql: string[]; found: RegExp }> = {
  'a changed line': {
    sql: [`update events set actor = 'U0SOMEBODY' where id = 3`],
    found: /^line 3: line 3 is not as it was sealed$/,
  },
  'a changed time': {
    sql: ['update events set at = at + 1 where id = 7'],
    found: /^line 7: line 7 is not as it was sealed$/,
  },
  'a deleted line': {
    sql: ['delete from events where id = 2'],
    found: /^line 3: what came before line 3 is missing$/,
  },
  'the last line of a seal deleted': {
    sql: ['delete from events where id = 5'],
    found: /^seal 1: what followed line 4 is missing$/,
  },
  'reordered lines': {
    sql: [
      'update events set id = -3 where id = 3',
      'update events set id = 3 where id = 4',
      'update events set id = 4 where id = -3',
    ],
    found: /^line 3: line 3 is not as it was sealed$/,
  },
  'a seal left out': {
    sql: ['delete from seals where number = 1'],
    found: /^seal 2: seal 1 is missing$/,
  },
  'the last seal left out, of which people were told': {
    sql: [
      `update sealing set told_number = 2, told_hash = (select hash from seals where number = 2)`,
      'delete from seals where number = 2',
    ],
    found: /^the end: seal 2 is missing: people were told of seal 2$/,
  },
  'another seal than the one of which people were told': {
    sql: [`update sealing set told_number = 2, told_hash = '${'0'.repeat(64)}'`],
    found: /^seal 2: seal 2 is another one than the one that was told$/,
  },
  'a forked chain': {
    sql: [`update seals set before = '${'c'.repeat(64)}' where number = 2`],
    found: /^seal 2: it does not go on from seal 1: one of the two is of another chain$/,
  },
  'a changed seal': {
    sql: ['update seals set at = at - 1 where number = 1'],
    found: /^seal 1: the seal is not as/,
  },
  'a seal without its signature': {
    sql: ['update seals set key = null, signature = null where number = 2'],
    found: /^seal 2: it is not signed, as the seals before it are$/,
  },
  'a wrong signature': {
    sql: [
      `update seals set signature = (select s.signature from seals s where s.number = 1) where number = 2`,
    ],
    found: /^seal 2: its signature is wrong$/,
  },
  'a grant in another state': {
    sql: [`update grants set state = 'pending' where state = 'rejected'`],
    found: /^grant \w{26}: grant \w+ contradicts its trail: its state is pending, by the trail rejected$/,
  },
  'a dearer grant': {
    sql: [`update grants set quota = 5000 where state = 'issued'`],
    found: /^grant \w+: grant \w+ contradicts its trail: its quota is 5000, by the trail 1000$/,
  },
  'a grant with the coupon of another': {
    sql: [`update grants set coupon_id = 'coupon-2' where state = 'issued'`],
    found: /its coupon is coupon-2, by the trail coupon-1$/,
  },
  'a grant of another user': {
    sql: [
      `update grants set subject = (select id from subjects where openid = '${OPENIDS[2]}') where state = 'issued'`,
    ],
    found: /^grant \w+: grant \w+ contradicts its trail: its subject is/,
  },
  'a grant that somebody else has asked for': {
    sql: [`update grants set requester = 'U0OTHER' where state = 'issued'`],
    found: /its requester is U0OTHER, by the trail U0REQUESTER$/,
  },
  'a grant whose changes are not in the trail': {
    sql: [`update grants set version = version - 1 where state = 'issued'`],
    found: /its number of changes is 3, by the trail at least 4$/,
  },
}

test.each(engines)('finds everything that was changed, and names the first bad line (%s)', async (engine) => {
  for (const [what, { sql, found }] of Object.entries(tamperings)) {
    const place = await livedIn(engine)
    for (const text of sql) await place.sql(text)
    const { code, out, err } = await run(place.url, 'verify')
    expect.soft({ what, code, err, out: out.trimEnd() }).toEqual({
      what,
      code: 1,
      err: '',
      out: expect.stringMatching(found),
    })
  }
})

test.each(engines)('finds a line that was put between others, where ids have a gap (%s)', async (engine) => {
  const { ledger, url, sql } = await openOn(engine)
  const line = (id: number) =>
    sql(
      `insert into events (id, kind, actor, at, data) ${engine === 'postgres' ? 'overriding system value' : ''}
        values (${id}, 'paused', 'U', 1, '{}')`,
    )
  await line(1)
  await line(3)
  await line(4)
  await ledger.seal(sealBy())
  expect(await run(url, 'verify')).toMatchObject({ code: 0 })
  await line(2)
  expect(await run(url, 'verify')).toMatchObject({
    code: 1,
    out: 'line 2: line 2 was not there when it was sealed\n',
  })
})

test('exports without openids and words, for its owner only, and proves the export without the ledger', async () => {
  const { url, sql } = await livedIn('sqlite')
  const path = folder()
  const file = join(path, 'export.jsonl')
  expect(await run(url, 'export', file)).toMatchObject({ code: 0, err: '', out: `${file} has 16 lines\n` })
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const text = readFileSync(file, 'utf8')
  const csv = join(path, 'export.csv')
  await run(url, 'export', csv, '--format', 'csv')
  for (const hidden of [...OPENIDS, 'upset', 'lied', 'Xiaoming'])
    expect(text + readFileSync(csv, 'utf8')).not.toContain(hidden)
  expect(await run(url, 'export', file)).toMatchObject({
    code: 1,
    out: expect.stringContaining('is there already'),
  })
  const nowhere = 'file:/nowhere/ledger.sqlite'
  const verified = await runTool(audit, ['verify', file, '--key', key], { DATABASE_URL: nowhere })
  expect(verified).toMatchObject({ code: 0, out: expect.stringContaining('3 grants: each row agrees') })
  const [head] = await sql('select number, hash from seals order by number desc limit 1')
  expect(await run(url, 'verify', file, '--head', `${head?.number}:${head?.hash}`)).toMatchObject({ code: 0 })
  expect(await run(url, 'verify', file, '--head', `1:${'0'.repeat(64)}`)).toMatchObject({
    code: 1,
    out: 'line 7 of the file: seal 1 is another one than the one that was told\n',
  })

  const full = join(path, 'full.jsonl')
  await run(url, 'export', full, '--with-openids', '--with-texts')
  for (const shown of [...OPENIDS, 'upset', 'lied', 'Xiaoming'])
    expect(readFileSync(full, 'utf8')).toContain(shown)
  expect(await run(url, 'verify', full)).toMatchObject({ code: 0 })
})

test('exports how a user was found, as masked as the trail has it', async () => {
  const { ledger, url } = await openOn('sqlite', { now: () => Date.parse('2026-11-03T12:00:00+08:00') })
  const foundBy = { kind: 'order', name: null, number: '4200…8812', amount: 3500, at: 1 }
  await record(ledger, { openid: OPENIDS[0] ?? '', foundBy })
  await record(ledger, { openid: OPENIDS[1] ?? '' })
  await ledger.seal(sealBy())
  const path = folder()
  const [jsonl, csv] = [join(path, 'all.jsonl'), join(path, 'all.csv')]
  await run(url, 'export', jsonl)
  const grants = readFileSync(jsonl, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ type }) => type === 'grant')
  expect(grants.map(({ found_by }) => JSON.parse(found_by))).toEqual([foundBy, null])
  expect(await run(url, 'verify', jsonl)).toMatchObject({ code: 0 })
  await run(url, 'export', csv, '--format', 'csv')
  const [titles = '', ...rows] = readFileSync(csv, 'utf8').trimEnd().split('\r\n')
  const at = titles.split(',').indexOf('found_by')
  expect(rows.map((row) => row.split(',')[at])).toEqual(['order 4200…8812', ''])
})

test('tells whose signatures they are, and takes a key that was changed where both are named', async () => {
  const { ledger, url } = await openOn('sqlite')
  await record(ledger, { openid: OPENIDS[0] ?? '' })
  await ledger.seal(sealBy(other))
  await record(ledger, { openid: OPENIDS[1] ?? '' })
  await ledger.seal(sealBy())
  const older = publicKeyOf(other)
  expect(await run(url, 'verify')).toMatchObject({
    code: 1,
    out: `seal 1: it is signed by another key: ${older}; if that is yours, name it by --key\n`,
  })
  expect(await run(url, 'verify', '--key', older)).toMatchObject({
    code: 0,
    out: expect.stringContaining(`Signed by ${older} from seal 1 on.\nSigned by ${key} from seal 2 on.\n`),
  })
  const unnamed = await runTool(audit, ['verify'], { DATABASE_URL: url })
  expect(unnamed).toMatchObject({
    code: 0,
    out: expect.stringContaining('That key was not compared with yours'),
  })
  const file = join(folder(), 'export.jsonl')
  await run(url, 'export', file)
  expect(
    await runTool(audit, ['verify', file, '--key', older], { DATABASE_URL: 'file:/nowhere' }),
  ).toMatchObject({
    code: 1,
    out: expect.stringContaining('it is signed by another key'),
  })
})

test('exports the days that are asked for, whole seals around them, and proves these', async () => {
  const DAY = 86_400_000
  let time = Date.parse('2026-11-01T12:00:00+08:00')
  const { ledger, url } = await openOn('sqlite', { now: () => time })
  for (let day = 0; day < 5; day++) {
    await record(ledger, { openid: `o${day}` })
    await ledger.seal(sealBy())
    time += DAY
  }
  const path = folder()
  const file = join(path, 'days.jsonl')
  await run(url, 'export', file, '--from', '2026-11-02', '--to', '2026-11-03')
  const lines = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines.filter(({ type }) => type === 'seal').map(({ number }) => number)).toEqual([2, 3, 4])
  expect(lines.filter(({ type }) => type === 'grant')).toHaveLength(3)
  expect(await run(url, 'verify', file)).toMatchObject({
    code: 0,
    out: expect.stringContaining('6 lines of the trail in 3 seals'),
  })
  const csv = join(path, 'days.csv')
  await run(
    url,
    'export',
    csv,
    '--from',
    '2026-11-02',
    '--to',
    '2026-11-03',
    '--format',
    'csv',
    '--with-openids',
  )
  expect(
    readFileSync(csv, 'utf8')
      .split('\r\n')
      .map((line) => line.split(',')[2]),
  ).toEqual(['openid', 'o1', 'o2', undefined])
  expect(await run(url, 'export', join(path, 'none.jsonl'), '--from', '2027-01-01')).toMatchObject({
    code: 0,
  })
  expect(await run(url, 'verify', join(path, 'none.jsonl'))).toMatchObject({ code: 0 })
})

test('says what is wrong with its arguments', async () => {
  const { url } = await openOn('sqlite')
  const file = join(folder(), 'x')
  for (const [args, code, err] of [
    [['exports'], 64, 'There is no "exports"'],
    [['export'], 64, 'export takes the name of a new file'],
    [['export', file, '--from', '2026-02-30'], 64, '--from is a day'],
    [['export', file, '--from', '2026-12-05', '--to', '2026-12-01'], 64, '--from is after --to'],
    [['export', file, '--format', 'xml'], 64, '--format is jsonl or csv'],
    [['verify', '--from', '2026-01-01'], 64, 'verify takes no --from'],
    [['verify', '--head', 'abc'], 64, '--head is a seal as it was told'],
    [['verify', '--key', 'abc'], 64, '--key is a public key'],
    [['verify', file], 74, 'ENOENT'],
  ] as const)
    expect.soft(await run(url, ...args)).toMatchObject({ code, err: expect.stringContaining(err) })
  expect(await runTool(audit, ['verify'], { DATABASE_URL: 'file:/nowhere/l.sqlite' })).toMatchObject({
    code: 74,
  })
})

test('takes a key that begins like a flag', async () => {
  const { url } = await livedIn('sqlite')
  let flagLike = ''
  while (!flagLike.startsWith('-')) flagLike = publicKeyOf(generateKeyPairSync('ed25519').publicKey)
  expect(await runTool(audit, ['verify', '--key', flagLike], { DATABASE_URL: url })).toMatchObject({
    code: 1,
    out: expect.stringContaining(`signed by another key: ${key}`),
  })
})

test('erases a person, and says what became of it', async () => {
  const { ledger, url } = await openOn('sqlite')
  const { id, subject } = await record(ledger, { openid: OPENIDS[0] ?? '', note: 'she was so upset' })
  const by = ['--openid', OPENIDS[0] ?? '']
  expect(await run(url, 'erase', ...by)).toMatchObject({
    code: 1,
    out: `${subject} is not erased: still open: ${id}; cancel or settle them first\n`,
  })
  await issue(ledger, 'coupon-1')
  expect(await run(url, 'erase', ...by)).toMatchObject({
    code: 0,
    out: `${subject} is erased: 1 grant, 1 text\n`,
  })
  expect(await run(url, 'erase', ...by)).toMatchObject({ code: 1, out: 'the ledger has no such person\n' })
  expect(await run(url, 'erase', '--subject', subject)).toMatchObject({
    code: 0,
    out: `${subject} was erased before\n`,
  })
  expect(await run(url, 'erase')).toMatchObject({ code: 64 })
  expect(await run(url, 'erase', ...by, '--subject', subject)).toMatchObject({ code: 64 })
})

test('says what is wrong with a key: that it is not there, or no key that signs', async () => {
  const { url } = await livedIn('sqlite')
  const path = folder()
  const [rsa, none, ours] = ['rsa.pem', 'none.pem', 'ours.pem'].map((name) => join(path, name))
  if (!rsa || !none || !ours) throw new Error('no names')
  const { privateKey: wrong } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  writeFileSync(rsa, wrong.export({ type: 'pkcs8', format: 'pem' }))
  writeFileSync(ours, other.export({ type: 'pkcs8', format: 'pem' }))
  const verify = (env: Record<string, string>, ...args: string[]) =>
    runTool(audit, ['verify', ...args], { DATABASE_URL: url, ...env })
  const asked = [
    [verify({ AUDIT_KEY_FILE: rsa }), 78, 'holds no private key of Ed25519'],
    [verify({ DATABASE_URL: 'postgres://nowhere/l', AUDIT_KEY_FILE: none }), 78, "can't be read"],
    [verify({}, '--key', rsa), 64, 'is neither'],
    [verify({}, '--key', none), 64, 'is neither'],
  ] as const
  for (const [ran, code, err] of asked)
    expect.soft(await ran).toMatchObject({ code, err: expect.stringContaining(err) })
  // Another one's key: of the settings, or named.
  for (const ran of [verify({ AUDIT_KEY_FILE: ours }), verify({}, '--key', ours)])
    expect.soft(await ran).toMatchObject({ code: 1, out: expect.stringContaining(`by another key: ${key}`) })
  // With SQLite it may not be made yet: what it is was not compared, and that is said.
  expect(await verify({ AUDIT_KEY_FILE: none })).toMatchObject({
    code: 0,
    out: expect.stringContaining('was not compared'),
  })
})
