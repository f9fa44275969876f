import { readFileSync } from 'node:fs'

/** The app's own version, as `package.json` has it. */
export function readVersion(): string {
  return JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version
}
