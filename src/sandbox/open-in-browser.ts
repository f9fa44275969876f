import { spawn } from 'node:child_process'

/**
 * Opens an address in the user's browser, if the machine has one; never fails.
 *
 * @param machine the parts of `process` that tell the system, and whether it has a screen
 */
export function openInBrowser(
  url: string,
  { platform, env }: { platform: NodeJS.Platform; env: NodeJS.ProcessEnv },
): void {
  const command = openerOf(platform, env)
  if (!command) return
  const [file, ...args] = command
  try {
    const child = spawn(file, [...args, url], { stdio: 'ignore', detached: true })
    // The address is printed too: without an opener, the user copies it.
    child.on('error', () => {})
    child.unref()
  } catch {
    // As above: some systems refuse at once instead.
  }
}

type Command = [file: string, ...args: string[]]

/** The system's own opener; undefined on a machine without a screen, where it would start a text browser. */
export function openerOf(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): Command | undefined {
  if (platform === 'darwin') return ['open']
  // Not cmd's `start`, which would take an & in the address for the beginning of another command.
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler']
  const hasScreen = Boolean(env.DISPLAY || env.WAYLAND_DISPLAY || env.WSL_DISTRO_NAME)
  return hasScreen ? ['xdg-open'] : undefined
}
