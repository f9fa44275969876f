import { expect, test } from 'vitest'
import { UsageError } from '../../src/sandbox/command-line.ts'
import { readFlags, usage } from '../../src/sandbox/flags.ts'

test('plays both languages over Socket Mode unless told otherwise', () => {
  expect(readFlags([])).toEqual({
    broken: null,
    transport: 'socket',
    withoutApp: false,
    transcriptOnly: false,
    opensPage: true,
    port: 0,
    replicas: 1,
    patience: 1,
    policy: undefined,
    locales: ['en', 'zh-CN'],
  })
  expect(
    readFlags([
      '--transport',
      'http',
      '--transcript',
      '--port=8791',
      '--patience=20',
      '--policy',
      'p.yaml',
      '--locale',
      'zh-CN',
    ]),
  ).toEqual({
    broken: null,
    transport: 'http',
    withoutApp: false,
    transcriptOnly: true,
    opensPage: false,
    port: 8791,
    replicas: 1,
    patience: 20,
    policy: 'p.yaml',
    locales: ['zh-CN'],
  })
  expect(readFlags(['--no-open'])).toMatchObject({ opensPage: false, transcriptOnly: false })
})

test.each([
  [['--prot', '1'], "Unknown option '--prot'"],
  [['--port', '99999'], '--port takes a number from 0 to 65535, not "99999"'],
  [['--port', '80a'], '--port takes a number from 0 to 65535, not "80a"'],
  [['--replicas', '5'], '--replicas takes a number from 1 to 4, not "5"'],
  [['--patience', '0'], '--patience takes a number from 1 to 20, not "0"'],
  [['--transport', 'fax'], '--transport takes socket or http, not "fax"'],
  [['--locale', 'de'], '--locale takes en or zh-CN, not "de"'],
  [['--no-app', '--transcript'], '--no-app takes none of --transcript'],
  [['--policy'], "Option '--policy <value>' argument missing"],
  [['extra'], "Unexpected argument 'extra'"],
])('refuses %j', (args, message) => {
  expect(() => readFlags(args)).toThrow(UsageError)
  expect(() => readFlags(args)).toThrow(message)
})

test('lists every flag', () => {
  expect(readFlags(['--port', '1', '-h'])).toBe('help')
  for (const flag of [
    '--transport',
    '--locale',
    '--policy',
    '--patience',
    '--port',
    '--no-app',
    '--no-open',
    '--transcript',
    '--help',
  ])
    expect(usage).toContain(flag)
})
