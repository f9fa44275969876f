import { parseFlags, readPort, UsageError } from './command-line.ts'

export type StoryLocale = 'en' | 'zh-CN'

export interface Flags {
  transport: 'socket' | 'http'
  /** Whether to start only the stand-ins. */
  withoutApp: boolean
  /** Whether to exit after the transcript. */
  transcriptOnly: boolean
  /** Whether to open the page in a browser. */
  opensPage: boolean
  /** Port of the Slack stand-in; 0: any free one. */
  port: number
  /** The policy file; undefined: the example. */
  policy: string | undefined
  locales: StoryLocale[]
  /** Number of apps that share the work. If more than one, they use PostgreSQL and restart in turn, all the time. */
  replicas: number
  /** Factor by which Slack and the app wait longer for each other than usual. */
  patience: number
  /** The broken set-up to plant and check, or `list`. */
  broken: string | null
}

export const usage = `The whole app at work on this machine: a Slack and a WeChat Pay to run against, on 127.0.0.1 only, and
the main job played as a transcript. Then the Slack opens in a browser, and you go on by hand until Ctrl-C.

  npm run sandbox -- [flags]

  --transport socket|http   how Slack reaches the app; default: socket, with --replicas http
  --locale en|zh-CN         plays only this language; default: both
                            then everybody's Slack, the names of channels and, with the example policy, the cards are in it
  --policy FILE             who may do what; default: manifest/policy.example.yaml
                            groups and channels that it names are made up where the workspace has none
  --replicas NUMBER         this many apps on one PostgreSQL, each restarted in turn all the time; 1, the default: one app
                            on SQLite
  --patience NUMBER         Slack and the app wait this many times as long for each other, from 1 to 20: for a slow or busy
                            machine; default: 1, Slack's own three seconds
  --port NUMBER             of the Slack stand-in; 0, the default, takes any free port
  --broken NAME|list        plants one fault of the set-up, checks it as npm run doctor does, and ends with its exit code
  --no-app                  starts only the Slack and the WeChat Pay, for an app that you start yourself
  --no-open                 opens no browser; the address is printed in any case
  --transcript              opens nothing and ends after the transcript: exits with 0 if it went well, else with 1
  --help

LOG_LEVEL tells how much the app logs to stderr; default: warn.
`

/**
 * Reads the command line.
 *
 * @returns 'help' if the user asked for it
 * @throws UsageError
 */
export function readFlags(args: string[]): Flags | 'help' {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  const flags = parseFlags(args, {
    transport: text,
    locale: text,
    policy: text,
    port: text,
    replicas: text,
    patience: text,
    broken: text,
    transcript: flag,
    'no-app': flag,
    'no-open': flag,
    help: { ...flag, short: 'h' },
  })
  if (flags.help) return 'help'
  const replicas = readNumber('replicas', flags.replicas ?? '1', 4)
  const transport = oneOf('transport', flags.transport, ['socket', 'http'])
  if (flags['no-app'] && (flags.transcript || transport === 'http' || replicas > 1))
    throw new UsageError('--no-app takes none of --transcript, --transport http and --replicas')
  const locale = oneOf('locale', flags.locale, ['en', 'zh-CN'])
  const broken = flags.broken ?? null
  if (
    broken !== null &&
    (flags['no-app'] || flags.policy !== undefined || transport === 'http' || replicas > 1)
  )
    throw new UsageError('--broken takes none of --no-app, --policy, --transport http and --replicas')
  return {
    broken,
    // A socket that the app closes may lose an unanswered click. Over HTTP, Slack's
    // requests move to the next replica first.
    transport: transport ?? (replicas > 1 ? 'http' : 'socket'),
    withoutApp: flags['no-app'] ?? false,
    transcriptOnly: flags.transcript ?? false,
    opensPage: !flags['no-open'] && !flags.transcript,
    port: readPort(flags.port ?? '0'),
    policy: flags.policy,
    locales: locale ? [locale] : ['en', 'zh-CN'],
    replicas,
    patience: readNumber('patience', flags.patience ?? '1', 20),
  }
}

function oneOf<T extends string>(flag: string, text: string | undefined, choices: readonly T[]) {
  const chosen = choices.find((choice) => choice === text)
  if (text === undefined || chosen !== undefined) return chosen
  throw new UsageError(`--${flag} takes ${choices.join(' or ')}, not ${JSON.stringify(text)}`)
}

function readNumber(flag: string, text: string, most: number): number {
  const number = /^[1-9]\d?$/.test(text) ? Number(text) : Number.NaN
  if (number <= most) return number
  throw new UsageError(`--${flag} takes a number from 1 to ${most}, not ${JSON.stringify(text)}`)
}
