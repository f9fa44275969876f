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
 * @param out the folder for a picture of this name; null: it isn't kept
 */
export async function createStage(
  browser: Browser,
  language: Language,
  out: (name: string) => string | null,
  change: (policy: string) => string = (policy) => policy,
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
    policy: change(examplePolicy.replace('language: zh-CN', `language: ${language}`)),
    now: clock.now,
    wechatpay: { keys },
    newLedger: null,
    slack: { clock, wechatpayPanel: createWechatpayPanel(wechatpay.promise) },
    change({ people }) {
      for (const person of people) if (['U0OPS001', 'U0AUDIT1'].includes(person.id)) person.locale = language
    },
  })
  wechatpay.resolve(world.wechatpay)
  // What is never answered is soon told.
  Object.assign(world.env, { WECHATPAY_TIMEOUT: '1' })
  await world.start()

  const write = async (name: string, png: Buffer) => {
    const folder = out(name)
    if (folder !== null) await writePicture(join(folder, `${name}-${language}.png`), png)
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

/** Asks by a command that says it all, and says yes when asked whether it should be another one. */
export async function ask({ world: { slack } }: Stage, id: string, text: string): Promise<void> {
  const person = slack.person(id)
  const before = person.view()?.id
  await person.command('/withdraw-coupon', `send ${text}`)
  await slack.waitFor(() => {
    const view = person.view()
    return view?.callback_id === 'give' && view.id !== before
  })
  await person.submit()
  if (person.view()?.callback_id === 'another') await person.submit()
  await person.close()
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
    // All of a form at once.
    'dialog.modal { max-height: calc(100dvh - 32px) }',
  ].join('\n')
}
