import { existsSync } from 'node:fs'

/**
 * The npm scripts load this file before everything else: it says in one line what is missing, where Node would show a
 * stack. It is plain JavaScript, since an older Node can't read TypeScript.
 *
 * The Node.js 24 that the app runs on is a development package with an install script: `npm ci` installs it, but not
 * with `--omit=dev` or `--ignore-scripts`.
 */
const packages = new URL('../node_modules/', import.meta.url)
const has = (/** @type {string} */ name) => existsSync(new URL(name, packages))
/** The sandbox and the tests need development packages. */
const isForDevelopers = /[\\/](?:sandbox|test|vitest)[\\/]/.test(process.argv[1] ?? '')

const missing = () => {
  if (Number.parseInt(process.versions.node, 10) < 24)
    return `this needs Node.js 24, and ${process.version} runs it: install Node.js 24, or run npm ci without --omit=dev and --ignore-scripts, which brings it along`
  if (!has('pino')) return 'its packages are missing: run npm ci'
  if (isForDevelopers && !has('vitest'))
    return 'this needs the development packages: run npm ci without --omit=dev'
  return null
}

const problem = missing()
if (problem !== null) {
  process.stderr.write(`withdraw-coupon: ${problem}\n`)
  // EX_CONFIG of sysexits.h: a person must change something.
  process.exit(78)
}
