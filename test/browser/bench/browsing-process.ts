import { answerParent } from '../../bench/processes.ts'
import { launchChromium } from '../chromium.ts'
import { COMMAND, type Sitting, sitDown } from '../sitting.ts'

/** A browser that the benchmark asks to look at the page. */
// Not awaited here: what is asked before anybody listens is lost.
const launched = launchChromium()
let reader: Sitting | undefined
// The browser's driver closes it then, but lets this process go on.
process.once('SIGTERM', async () => {
  await (await launched).close()
  process.exit()
})

answerParent({
  launch: async () => void (await launched),

  /** Opens the address anew, and types until the page proposes the command. */
  async use({ address }: { address: string }): Promise<void> {
    const { composer, page, leave } = await sit(address)
    await composer.pressSequentially('/')
    await page.getByRole('option', { name: COMMAND }).waitFor()
    await leave()
  },

  /** Sits down at a page, to open channels there. */
  async read({ address, channels }: { address: string; channels: string[] }): Promise<void> {
    reader = await sit(address)
    // What is unread is told to the sandbox at the first opening, and at no other.
    for (const channel of channels) {
      await reader.page.locator(`nav a[href*="channel=${channel}"]`).click()
      await reader.page.waitForLoadState('networkidle')
    }
  },

  /** @returns ms from the click on a channel until it is drawn and laid out; of these openings each */
  async open({
    channel,
    from,
    times,
  }: {
    channel: string
    from: string
    times: number
  }): Promise<{ drawn: number; each: number[] }> {
    if (!reader) throw new Error('nobody sits at the page')
    return reader.page.evaluate(
      async ([there, back, count]) => {
        const click = (id: string) =>
          document.querySelector<HTMLElement>(`nav a[href*="channel=${id}"]`)?.click()
        const each: number[] = []
        let drawn = 0
        for (let i = 0; i < count; i++) {
          click(back)
          await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
          const begun = performance.now()
          click(there)
          // Asking for a height has the page laid out.
          const height = document.body.offsetHeight
          each.push(performance.now() - begun + 0 * height)
          drawn = document.querySelectorAll('main article.message').length
        }
        return { drawn, each }
      },
      [channel, from, times] as const,
    )
  },
})

async function sit(address: string): Promise<Sitting> {
  const browser = await launched
  const { origin, searchParams } = new URL(address)
  return sitDown(browser, { pageUrl: `${origin}/`, person: String(searchParams.get('person')) })
}
