import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { formatProblems, loadConfig, wordProblem } from '../config/config.ts'
import { createExchange, levelOf, plain, readChoices, word, writeReport } from '../doctor/index.ts'
import type { Language } from '../domain/text.ts'
import { EXIT } from '../exit-codes.ts'
import { parsePolicy } from '../policy/parse-policy.ts'
import { shownPath } from '../policy/text-file.ts'
import { examineBy } from './doctor.ts'
import { type EnvFile, fitsEnvFile, openEnvFile } from './env-file.ts'
import { writeFirstPolicy } from './first-policy.ts'
import { openKeptAnswers } from './kept-answers.ts'
import { codeIn, end, endBy, policyFile, type Terminal } from './terminal.ts'

const usage = `Asks for what the app needs, checks each answer at once, and writes .env and a first policy.yaml.

  npm run setup
  npm run setup -- --non-interactive    asks nothing: lists what is missing, and exits with 1 if anything is

Each answer is saved before the next question, in .env or, for the policy, in policy.yaml.answers until the policy is
written, so you can stop at any time and go on later. Nothing is overwritten. No token or key is shown.
`

interface Question {
  variable: string
  /** The question, and where to find the answer. */
  text: string
  /** Whether to hide what is typed. */
  isSecret?: boolean
  /** The default if nothing is typed; null: the question may stay unanswered. */
  instead?: string | null
  /** Whether to ask at all, given the earlier answers. */
  isAsked?(given: Terminal['env']): boolean
  /** The findings about this answer, by the beginning of their codes. */
  shownBy?: readonly string[]
}

const questions: readonly Question[] = [
  {
    variable: 'SLACK_BOT_TOKEN',
    text: 'Bot token of the Slack app (xoxb-…, “OAuth & Permissions”)',
    isSecret: true,
    shownBy: ['bot-token', 'scopes', 'slack'],
  },
  {
    variable: 'SLACK_APP_TOKEN',
    text: 'App-level token for Socket Mode (xapp-…, “Basic Information”); empty: over HTTP',
    isSecret: true,
    instead: null,
    isAsked: (given) => !given.SLACK_SIGNING_SECRET,
    shownBy: ['app-token', 'slack'],
  },
  {
    variable: 'SLACK_SIGNING_SECRET',
    text: 'Signing secret (“Basic Information”)',
    isSecret: true,
    isAsked: (given) => !given.SLACK_APP_TOKEN,
  },
  { variable: 'WECHATPAY_MCHID', text: 'Merchant id (商户号)' },
  { variable: 'WECHATPAY_APPID', text: 'Appid to which the openids belong (wx…)' },
  {
    variable: 'WECHATPAY_PRIVATE_KEY_FILE',
    text: 'File of the merchant’s private key',
    instead: './keys/apiclient_key.pem',
    isAsked: (given) => !given.WECHATPAY_PRIVATE_KEY,
  },
  {
    variable: 'WECHATPAY_MERCHANT_SERIAL',
    text: 'Serial number of the API certificate (openssl x509 -in apiclient_cert.pem -noout -serial)',
    shownBy: ['certificate'],
  },
  {
    variable: 'WECHATPAY_PUBLIC_KEY_ID',
    text: 'Id of WeChat Pay’s public key (PUB_KEY_ID_…); empty: platform certificates',
    instead: null,
    isAsked: (given) => !given.WECHATPAY_APIV3_KEY,
  },
  {
    variable: 'WECHATPAY_PUBLIC_KEY_FILE',
    text: 'File of WeChat Pay’s public key',
    instead: './keys/pub_key.pem',
    isAsked: (given) => Boolean(given.WECHATPAY_PUBLIC_KEY_ID) && !given.WECHATPAY_PUBLIC_KEY,
    shownBy: ['keys', 'request', 'answers', 'certificates', 'wechatpay'],
  },
  {
    variable: 'WECHATPAY_APIV3_KEY',
    text: 'APIv3 key (32 characters)',
    isSecret: true,
    isAsked: (given) => !given.WECHATPAY_PUBLIC_KEY_ID,
    shownBy: ['keys', 'request', 'answers', 'certificates', 'wechatpay'],
  },
]

/** The answers ended, for example by Ctrl-D; earlier answers are kept. */
class CutOffError extends Error {}

/** Runs `setup`. @returns the exit code */
export async function setup(args: string[], terminal: Terminal): Promise<number> {
  try {
    const { values } = parseArgs({
      args,
      options: { 'non-interactive': { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    })
    if (values.help) return end(terminal, 0, usage)
    if (values['non-interactive'] || !terminal.ask) return tellMissing(terminal)
    const file = openEnvFile(join(terminal.folder ?? '.', '.env'), template())
    const given = () => ({ ...terminal.env, ...file.values() })
    for (const question of questions) await put(question, terminal, file, given)
    await makePolicy(terminal, given())
    const findings = await examineBy(given())
    terminal.out(`\n${writeReport(findings, 'en', plain)}\n`)
    const isBlocked = findings.some((finding) => levelOf(finding) === 'blocks')
    terminal.out(isBlocked ? 'Correct what blocks, then run: npm run doctor\n' : 'Start the app: npm start\n')
    return isBlocked ? EXIT.notDone : 0
  } catch (error) {
    if (!(error instanceof CutOffError)) return endBy(terminal, error)
    return end(
      terminal,
      EXIT.notDone,
      '\nStopped. Each answer so far is kept; npm run setup goes on from there.\n',
    )
  }
}

/** The example file, which explains each variable. */
function template(): string {
  try {
    return readFileSync(new URL('../../.env.example', import.meta.url), 'utf8')
  } catch {
    return ''
  }
}

function tellMissing(terminal: Terminal): number {
  const loaded = loadConfig(terminal.env)
  const problems = loaded.ok ? [] : loaded.problems
  const file = policyFile(terminal.env)
  const lines = [
    ...(problems.length > 0 ? [formatProblems(problems, 'en')] : []),
    ...(existsSync(file)
      ? []
      : [
          `${shownPath(file, 'the file of POLICY_FILE')} does not exist → npm run setup asks for what it needs, or copy manifest/policy.example.yaml`,
        ]),
  ]
  if (lines.length === 0) return end(terminal, 0, 'Nothing is missing. Check it: npm run doctor\n')
  return end(terminal, EXIT.notDone, `${lines.join('\n')}\n`)
}

/** Asks until the answer is good, or the person insists on it. */
async function put(
  question: Question,
  terminal: Terminal,
  file: EnvFile,
  given: () => Terminal['env'],
): Promise<void> {
  const { variable, text, isSecret = false, instead, isAsked = () => true, shownBy = [] } = question
  const known = given()[variable]
  // Ask again for an answer that can't be used, such as a file that is missing.
  if (!isAsked(given()) || (known && problemOf(variable, known, given()) === null)) return
  for (;;) {
    const typed = await answerOf(terminal, `${text}${instead ? ` [${instead}]` : ''}: `, isSecret)
    const answer = typed === '' ? (instead ?? '') : typed
    if (answer === '' && instead === null) return
    const wrong = fitsEnvFile(answer)
      ? problemOf(variable, answer, given())
      : "can't stand in .env, as it holds every kind of quotes"
    if (wrong !== null) {
      terminal.out(`  ${wrong}\n`)
      continue
    }
    const isBad =
      shownBy.length > 0 && (await showFindings(terminal, { ...given(), [variable]: answer }, shownBy))
    if (isBad && !(await isKept(terminal))) continue
    return file.set(variable, answer)
  }
}

function problemOf(variable: string, answer: string, env: Terminal['env']): string | null {
  if (answer === '') return 'an answer is needed'
  const loaded = loadConfig({ ...env, [variable]: answer })
  const found = loaded.ok ? undefined : loaded.problems.find((one) => one.variable === variable)
  if (!found) return null
  const { problem, remedy } = wordProblem(found, 'en')
  return `${problem} → ${remedy}`
}

/** Shows the findings about the answer. @returns whether one of them stops the app */
async function showFindings(
  terminal: Terminal,
  env: Terminal['env'],
  shownBy: readonly string[],
): Promise<boolean> {
  const findings = (await examineBy(env)).filter(({ code }) => shownBy.some((one) => code.startsWith(one)))
  for (const finding of findings) {
    const { seen, remedy } = word(finding, 'en')
    terminal.out(`  ${seen}${remedy === null ? '' : `\n  → ${remedy}`}\n`)
  }
  return findings.some((finding) => levelOf(finding) === 'blocks')
}

async function isKept(terminal: Terminal): Promise<boolean> {
  return /^y/i.test(await answerOf(terminal, '  Keep this answer anyway? [y/N]: ', false))
}

async function answerOf({ ask }: Terminal, question: string, isSecret: boolean): Promise<string> {
  const answer = await ask?.(question, { isSecret })
  if (answer === null || answer === undefined) throw new CutOffError()
  return answer.trim()
}

/** Makes a first policy from what the workspace offers, unless a policy exists. */
async function makePolicy(terminal: Terminal, env: Terminal['env']): Promise<void> {
  const file = policyFile(env)
  if (existsSync(file)) return
  const loaded = loadConfig(env)
  const { slack, wechatpay } = loaded.ok ? loaded.config : loaded.partial
  const { exchange, close } = createExchange(slack.proxy)
  const choices = await readChoices(slack, exchange).finally(close)
  terminal.out('\nThe policy: who may do what. You can change all of it later.\n')
  const groups = choices.groups.map(({ id, handle, users }) => ({
    id,
    name: `@${handle}`,
    more: `${users} members`,
  }))
  const channels = choices.channels.map(({ id, name, isMember }) => ({
    id,
    name: `#${name}`,
    more: isMember ? 'the app is in it' : 'invite the app',
  }))
  const kept = openKeptAnswers(`${file}.answers`)
  for (const [question, answer] of Object.entries(kept.before))
    terminal.out(`  ${question}: ${answer}, as you answered before\n`)
  const language = () =>
    kept.orAsk('Language of channels', async () =>
      languageOf(await matching(terminal, 'Language of channels, zh-CN or en [zh-CN]: ', /^(?:zh-CN|en)?$/i)),
    )
  const members = async (title: string) =>
    (await kept.orAsk(title, async () => (await choose(terminal, title, groups, PEOPLE)).join(' '))).split(
      ' ',
    )
  const channel = (title: string) =>
    kept.orAsk(title, async () => (await choose(terminal, title, channels, CHANNEL))[0] ?? '')
  const typed = (title: string, form: RegExp) =>
    kept.orAsk(title, () => matching(terminal, `${title}: `, form))
  const text = writeFirstPolicy({
    language: languageOf(await language()),
    requesters: await members('Who may ask for coupons'),
    approvers: await members('Who approves'),
    operators: await members('Who operates the app'),
    approvalChannel: await channel('Channel for approvals'),
    alerts: await channel('Channel for alerts'),
    stockId: await typed('Stock id of the coupon (批次号)', /^[0-9A-Za-z_-]{1,20}$/),
    quota: Math.round(Number(await typed('Yuan that one coupon covers', /^\d{1,6}(\.\d{1,2})?$/)) * 100),
  })
  const parsed = parsePolicy(text, {
    mchid: wechatpay.mchid || 'missing',
    appid: wechatpay.appid || 'missing',
  })
  const shown = shownPath(file, 'the file of POLICY_FILE')
  try {
    writeFileSync(file, text, { flag: 'wx' })
  } catch (error) {
    terminal.out(
      `  ${shown} can't be written${codeIn(error)}: correct POLICY_FILE in .env, then run npm run setup again\n`,
    )
    return
  }
  kept.forget()
  terminal.out(
    parsed.ok ? `  wrote ${shown}\n` : `  wrote ${shown}; npm run policy -- check tells what to correct\n`,
  )
}

type Choice = { id: string; name: string; more: string }
interface Kind {
  /** What a person may type instead of a choice. */
  form: RegExp
  hint: string
  isOne: boolean
}
const PEOPLE: Kind = {
  form: /^(?:[SUW][0-9A-Z]{2,}|[^\s@,]+@[^\s@,]+\.[^\s@,]+)$/,
  hint: 'handle or number, member id or e-mail address; several with commas',
  isOne: false,
}
const CHANNEL: Kind = { form: /^[CG][0-9A-Z]{2,}$/, hint: 'name, number or channel id', isOne: true }
/** In a longer list, a person types a part of the name. */
const MOST_SHOWN = 12

async function choose(
  terminal: Terminal,
  title: string,
  all: readonly Choice[],
  kind: Kind,
): Promise<string[]> {
  let shown = all.slice(0, MOST_SHOWN)
  terminal.out(`${listOf(shown, all.length)}`)
  for (;;) {
    const typed = await answerOf(terminal, `${title} (${kind.hint}): `, false)
    const parts = typed.split(/[\s,，、]+/).filter((part) => part !== '')
    const found = parts.map((part) => idOf(part, shown, all, kind))
    const ids = found.flatMap((one) => (typeof one === 'string' ? [one] : []))
    if (parts.length > 0 && ids.length === parts.length && (!kind.isOne || ids.length === 1)) return ids
    const part = parts.find((_, index) => typeof found[index] !== 'string') ?? ''
    const like = all.filter(({ name }) => name.toLowerCase().includes(part.toLowerCase()))
    shown = like.slice(0, MOST_SHOWN)
    terminal.out(shown.length === 0 ? `  nothing is called ${part}\n` : listOf(shown, like.length))
  }
}

function idOf(part: string, shown: readonly Choice[], all: readonly Choice[], { form }: Kind): string | null {
  const numbered = /^\d{1,2}$/.test(part) ? shown[Number(part) - 1] : undefined
  const named = all.filter(
    ({ name }) => name.slice(1).toLowerCase() === part.replace(/^[@#]/, '').toLowerCase(),
  )
  if (numbered) return numbered.id
  if (named.length === 1) return named[0]?.id ?? null
  return form.test(part) ? part : null
}

function listOf(shown: readonly Choice[], count: number): string {
  const lines = shown.map(
    ({ name, more }, index) => `  ${String(index + 1).padStart(2)}  ${name} (${more})\n`,
  )
  const left = count - shown.length
  return `${lines.join('')}${left > 0 ? `      and ${left} more: type a part of the name\n` : ''}`
}

function languageOf(typed: string): Language {
  return typed.toLowerCase() === 'en' ? 'en' : 'zh-CN'
}

async function matching(terminal: Terminal, question: string, form: RegExp): Promise<string> {
  for (;;) {
    const typed = await answerOf(terminal, question, false)
    if (form.test(typed)) return typed
    terminal.out('  that has the wrong form\n')
  }
}
