import { spawnSync } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { launchChromium } from '../chromium.ts'
import { pictureOfDoctor } from './doctor.ts'
import { playMoreScenes, policyOfMore } from './more-scenes.ts'
import { pictures, playScenes } from './scenes.ts'
import { createStage, type Stage, writePicture } from './stage.ts'

/**
 * `npm run pictures`
 *
 * Exit code 64: the command line is wrong; 69: a font is missing.
 */
const usage = `Makes the pictures of the READMEs anew: the stories that they show are played in a browser, beside both stand-ins, and the
doctor is shown a broken set-up.

  npm run pictures -- [--out FOLDER] [--locale en|zh-CN] [--all]

  --out FOLDER        default: .github/images
  --locale en|zh-CN   only those in this language; default: both
  --all               also what no README shows, to be looked at: each state, list and role, in pictures/

Chinese, and what a terminal shows, is drawn by Noto Sans CJK, signs by Noto Color Emoji. On Debian and Ubuntu:
  apt-get install -y fonts-noto-cjk fonts-noto-color-emoji
`

const MORE = join(import.meta.dirname, '../../../pictures')
const FONTS = ['Noto Sans CJK SC', 'Noto Color Emoji']

process.exitCode = await main(process.argv.slice(2))

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    strict: false,
    options: {
      out: { type: 'string', default: join(import.meta.dirname, '../../../.github/images') },
      locale: { type: 'string' },
      all: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const languages = (['en', 'zh-CN'] as const).filter((one) => one === (values.locale ?? one))
  if (values.help === true || languages.length === 0 || typeof values.out !== 'string') {
    process.stdout.write(usage)
    return values.help === true ? 0 : 64
  }
  const missing = FONTS.filter(isMissing)
  if (missing.length > 0) {
    process.stderr.write(`Not installed: ${missing.join(', ')}.\n\n${usage}`)
    return 69
  }
  const { out } = values
  const more = values.all === true ? MORE : null
  for (const folder of [out, more]) if (folder !== null) await mkdir(folder, { recursive: true })
  const browser = await launchChromium()
  try {
    for (const language of languages) {
      await writePicture(join(out, `doctor-${language}.png`), await pictureOfDoctor(browser, language))
      const shown = (name: string) => (pictures[language].includes(name) ? out : more)
      await played(await createStage(browser, language, shown), playScenes)
      if (more !== null)
        await played(await createStage(browser, language, () => more, policyOfMore), playMoreScenes)
    }
  } finally {
    await browser.close()
  }
  return 0
}

async function played(stage: Stage, scenes: (stage: Stage) => Promise<void>): Promise<void> {
  try {
    await scenes(stage)
  } finally {
    await stage.close()
  }
}

/** Not where it can't be told. */
function isMissing(font: string): boolean {
  const { error, stdout } = spawnSync('fc-list', [font], { encoding: 'utf8' })
  return error === undefined && stdout.trim() === ''
}
