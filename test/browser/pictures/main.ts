import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { launchChromium } from '../chromium.ts'
import { pictureOfDoctor } from './doctor.ts'
import { pictures, playScenes } from './scenes.ts'
import { createStage, writePicture } from './stage.ts'

/**
 * `npm run pictures`
 *
 * Exit code 64: the command line is wrong.
 */
const usage = `Makes the pictures of the READMEs anew: the stories that they show are played in a browser, beside both stand-ins, and the
doctor is shown a broken set-up.

  npm run pictures -- [--out FOLDER] [--locale en|zh-CN]

  --out FOLDER        default: .github/images
  --locale en|zh-CN   only those in this language; default: both

Chinese, and what a terminal shows, is drawn by Noto Sans CJK, which must be installed. On Debian and Ubuntu:
  apt-get install -y fonts-noto-cjk
`

process.exitCode = await main(process.argv.slice(2))

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    strict: false,
    options: {
      out: { type: 'string', default: join(import.meta.dirname, '../../../.github/images') },
      locale: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const languages = (['en', 'zh-CN'] as const).filter((one) => one === (values.locale ?? one))
  if (values.help === true || languages.length === 0 || typeof values.out !== 'string') {
    process.stdout.write(usage)
    return values.help === true ? 0 : 64
  }
  await mkdir(values.out, { recursive: true })
  const browser = await launchChromium()
  try {
    for (const language of languages) {
      const ofDoctor = join(values.out, `doctor-${language}.png`)
      await writePicture(ofDoctor, await pictureOfDoctor(browser, language))
      const stage = await createStage(browser, language, pictures[language], values.out)
      try {
        await playScenes(stage)
      } finally {
        await stage.close()
      }
    }
  } finally {
    await browser.close()
  }
  return 0
}
