import type { Tool } from './terminal.ts'

/** `main.ts policy|grants|ledger …`: runs a tool by hand, with this process's environment and terminal. */
const tools: Readonly<Record<string, () => Promise<Tool>>> = {
  policy: async () => (await import('./policy.ts')).policy,
  grants: async () => (await import('./grants.ts')).grants,
  ledger: async () => (await import('./ledger.ts')).ledger,
}

const [name = '', ...args] = process.argv.slice(2)
const load = Object.hasOwn(tools, name) ? tools[name] : undefined
if (!load) throw new Error(`there is no tool "${name}", only ${Object.keys(tools).join(', ')}`)
const tool = await load()
process.exitCode = await tool(args, {
  env: process.env,
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
})
