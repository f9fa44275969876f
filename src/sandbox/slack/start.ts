import type { SlackSandbox, SlackSandboxOptions } from './types.ts'

/** Starts a Slack workspace on 127.0.0.1, offering what the manifest declares. */
export async function startSlackSandbox(_options: SlackSandboxOptions): Promise<SlackSandbox> {
  throw new Error('The Slack stand-in is being built.')
}
