import type { Tool } from '../../src/tools/terminal.ts'

/** Runs a tool in this process. */
export async function runTool(
  tool: Tool,
  args: string[],
  env: Record<string, string>,
): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', '']
  const code = await tool(args, {
    env,
    out(text) {
      out += text
    },
    err(text) {
      err += text
    },
  })
  return { code, out, err }
}
