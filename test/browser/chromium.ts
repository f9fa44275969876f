import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inflate } from '@sparticuz/chromium'
import { type Browser, chromium } from 'playwright-core'

const root = fileURLToPath(new URL('../../', import.meta.url))
const packed = join(root, 'node_modules/@sparticuz/chromium')

/**
 * Unpacks the Chromium that came through npm, once for each version of it.
 *
 * Not where its package would put it: that is a folder in which others may write too, and one that outlives a version.
 *
 * @returns the folder with the program, the libraries that a bare machine lacks, and a font; null where it does not run
 */
export async function unpackChromium(): Promise<string | null> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return null
  const { version } = JSON.parse(await readFile(join(packed, 'package.json'), 'utf8'))
  const parent = join(root, 'node_modules/.cache/chromium')
  const folder = join(parent, String(version))
  if (existsSync(folder)) return folder
  await mkdir(parent, { recursive: true })
  const fresh = await mkdtemp(join(parent, 'unpacking-'))
  await Promise.all(
    ['chromium.br', 'al2023.tar.br', 'fonts.tar.br'].map((name) =>
      inflateTo(fresh, join(packed, 'bin', name)),
    ),
  )
  await writeFile(join(fresh, 'fonts.conf'), fontConfig(folder))
  try {
    await rename(fresh, folder)
  } catch (error) {
    // Another run was first.
    await rm(fresh, { recursive: true, force: true })
    if (!existsSync(folder)) throw error
  }
  return folder
}

/**
 * Starts the browser that came through npm, which is for Linux on x64; elsewhere the Chrome that is installed. Its own
 * sandbox is off: it shows pages of this machine only, also as root.
 */
export async function launchChromium(): Promise<Browser> {
  const folder = await unpackChromium()
  if (folder === null) return chromium.launch({ channel: 'chrome' })
  const paths = [process.env.LD_LIBRARY_PATH, join(folder, 'al2023/lib')].filter(Boolean)
  return chromium.launch({
    executablePath: join(folder, 'chromium'),
    args: ['--disable-gpu', '--font-render-hinting=none'],
    env: {
      ...process.env,
      LD_LIBRARY_PATH: paths.join(':'),
      ...(existsSync('/etc/fonts/fonts.conf') ? {} : { FONTCONFIG_FILE: join(folder, 'fonts.conf') }),
    },
  })
}

/** Its package unpacks into the folder for temporary files as it is named at the call. */
function inflateTo(folder: string, file: string): Promise<string> {
  const before = process.env.TMPDIR
  process.env.TMPDIR = folder
  const inflated = inflate(file)
  if (before === undefined) delete process.env.TMPDIR
  else process.env.TMPDIR = before
  return inflated
}

function fontConfig(folder: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(folder, 'fonts')}</dir>
  <cachedir>${join(dirname(folder), 'fonts-cache')}</cachedir>
</fontconfig>
`
}
