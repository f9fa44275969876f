import { hasColour, type Tool } from './terminal.ts'

/** `main.ts policy|grants|ledger|doctor|setup|audit …`: runs a tool by hand, with this process's environment and terminal. */
const tools: Readonly<Record<string, () => Promise<Tool>>> = {
  policy: async () => (await import('./policy.ts')).policy,
  grants: async () => (await import('./grants.ts')).grants,
  ledger: async () => (await import('./ledger.ts')).ledger,
  setup: async () => (await import('./setup.ts')).setup,
  doctor: async () => (await import('./doctor.ts')).doctor,
  audit: async () => (await import('./audit.ts')).audit,
}

const [name = '', ...args] = process.argv.slice(2)
const load = Object.hasOwn(tools, name) ? tools[name] : undefined
if (!load) throw new Error(`there is no tool "${name}", only ${Object.keys(tools).join(', ')}`)
const tool = await load()
const questions =
  name === 'setup' ? (await import('./questions.ts')).askBy(process.stdin, process.stdout) : null
process.exitCode = await tool(args, {
  env: process.env,
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  hasColour: hasColour(process.stdout, process.env),
  ...(questions && { ask: questions.ask }),
})
questions?.close()
