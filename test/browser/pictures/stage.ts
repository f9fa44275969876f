import { mkdtempSync, rmSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { Browser, Locator } from 'playwright-core'
import { createClock } from '../../../src/sandbox/clock.ts'
import type { WechatPaySandbox } from '../../../src/sandbox/wechatpay/index.ts'
import { createWechatpayPanel } from '../../../src/sandbox/wechatpay-panel.ts'
import { createWorld, examplePolicy, type World } from '../../stories/world.ts'
import { unpackChromium } from '../chromium.ts'
import { type Sitting, sitDown } from '../sitting.ts'
import { withPalette } from './palette-png.ts'

export type Language = 'en' | 'zh-CN'
export type Stage = Awaited<ReturnType<typeof createStage>>

/** The same day in every picture: 3 November 2026, a working day, where its people are. */
const FIRST_DAY = { en: Date.UTC(2026, 10, 3, 14), 'zh-CN': Date.UTC(2026, 10, 3, 6) }
/** Device pixels for each of the page; what is large has fewer. */
const SCALE = 2
const SCALE_OF_WHOLE = 1.5

/**
 * The app beside both stand-ins, with channels in this language, and windows of a browser to look at it.
 *
 * @param wanted names of the pictures that are kept
 */
export async function createStage(
  browser: Browser,
  language: Language,
  wanted: readonly string[],
  out: string,
) {
  const ends: (() => unknown)[] = []
  const close = async () => {
    for (const end of ends.splice(0).reverse()) await end()
  }
  const font = await fontFor(language)
  const ahead = FIRST_DAY[language] - Date.now()
  const clock = createClock(() => Date.now() + ahead)
  const keys = mkdtempSync(join(tmpdir(), 'pictures-'))
  ends.push(() => rmSync(keys, { recursive: true, force: true }))
  const wechatpay = Promise.withResolvers<WechatPaySandbox>()
  const world: World = await createWorld({
    finished: (end) => ends.push(end),
    policy: examplePolicy.replace('language: zh-CN', `language: ${language}`),
    now: clock.now,
    wechatpay: { keys },
    newLedger: null,
    slack: { clock, wechatpayPanel: createWechatpayPanel(wechatpay.promise) },
    // Who reads Chinese and decides nothing looks at the cards as well.
    change: ({ channels }) => channels.find(({ id }) => id === 'C0APPROVE')?.members.push('U0AGENT2'),
  })
  wechatpay.resolve(world.wechatpay)
  await world.start()

  const write = async (name: string, png: Buffer) => {
    if (wanted.includes(name)) await writePicture(join(out, `${name}-${language}.png`), png)
  }

  return {
    world,
    language,
    close,
    async sit(person: string, channel: string, { width, height }: { width: number; height: number }) {
      const scale = width > 1200 ? SCALE_OF_WHOLE : SCALE
      const sitting = await sitDown(browser, {
        pageUrl: world.slack.pageUrl,
        person,
        route: { channel },
        look: { width, height, scale, bypassCSP: true },
      })
      ends.push(() => sitting.leave())
      await sitting.page.addStyleTag({ content: font })
      return sitting
    },
    /** The window as it is. */
    async whole(name: string, { page }: Sitting): Promise<void> {
      await page.mouse.move(0, 0)
      await write(name, await page.screenshot())
    },
    /** Only what lies between these two. */
    async cut(name: string, { page }: Sitting, from: Locator, to = from): Promise<void> {
      await page.mouse.move(0, 0)
      const [first, last] = [await from.boundingBox(), await to.boundingBox()]
      if (!first || !last) throw new Error(`${name}: what is to be shown is not there`)
      await write(name, await page.screenshot({ clip: { ...first, height: last.y + last.height - first.y } }))
    },
  }
}

export async function writePicture(file: string, png: Buffer): Promise<void> {
  const small = withPalette(png)
  await writeFile(file, small)
  process.stdout.write(`${basename(file)}  ${Math.round(small.length / 1024)} KB\n`)
}

/** The same letters wherever pictures are made by the browser from npm: its own, and one set of Chinese ones. */
async function fontFor(language: Language): Promise<string> {
  const unpacked: string | null = await unpackChromium()
  if (unpacked === null) return ''
  const folder = join(unpacked, 'fonts/fonts/Open_Sans')
  const face = async (file: string, weights: string) => {
    const data = (await readFile(join(folder, file))).toString('base64')
    return `@font-face { font-family: Latin; font-weight: ${weights}; src: url(data:font/ttf;base64,${data}) }`
  }
  const families = language === 'en' ? 'Latin, "Noto Sans CJK SC"' : '"Noto Sans CJK SC"'
  return [
    await face('OpenSans-Regular.ttf', '100 500'),
    await face('OpenSans-Bold.ttf', '600 900'),
    `:root { font-family: ${families} !important }`,
  ].join('\n')
}
