import type { Browser, Locator, Page } from 'playwright-core'

/** Characters beyond which text is put in at once, as people paste: each key is drawn, which adds up. */
const LONG = 4

/** The one command of the app. */
export const COMMAND = '/withdraw-coupon'

declare global {
  interface Window {
    /** Those of the pointer so far. */
    clicks: number
  }
}

/** A browser window with the sandbox's page, used as its person uses it: by what can be read on it. */
export type Sitting = ReturnType<typeof createSitting>

export interface Look {
  width?: number
  height?: number
  /** Device pixels for each of the page. */
  scale?: number
  /** For what is put into the page from outside, such as a checker; never else. */
  bypassCSP?: boolean
}

/** What went wrong at a page, in words; `expected` are those that its test asked for. */
export interface Faults {
  all: string[]
  expected: RegExp[]
}

/**
 * Opens the page of the sandbox in a window of its own, as one of its people.
 *
 * @param pageUrl of the Slack stand-in
 * @param route what else the address says, as `{ channel: 'C0APPROVE' }`
 */
export async function sitDown(
  browser: Browser,
  {
    pageUrl,
    person,
    route = {},
    look = {},
  }: { pageUrl: string; person: string; route?: Record<string, string>; look?: Look },
): Promise<Sitting> {
  const { width = 1280, height = 800, scale = 1, bypassCSP = false } = look
  const context = await browser.newContext({
    viewport: { width, height },
    deviceScaleFactor: scale,
    bypassCSP,
    reducedMotion: 'reduce',
  })
  context.setDefaultTimeout(60_000)
  await context.addInitScript(() => {
    Object.assign(window, { clicks: 0 })
    // Enter and the space bar click, too, and are none of the pointer's. A click that Playwright stops at the window, and
    // repeats, because it would hit something else does not get as far as the document.
    document.addEventListener('click', ({ detail }) => detail > 0 && window.clicks++, { capture: true })
  })
  const page = await context.newPage()
  const faults = watch(page)
  await page.goto(`${pageUrl}?${new URLSearchParams({ person, ...route })}`)
  await page.locator('#place-title').waitFor({ state: 'attached' })
  return createSitting(page, faults)
}

function createSitting(page: Page, faults: Faults) {
  const modal = page.locator('dialog.modal[open]')
  const composer = page.locator('main .composer textarea')

  /** The latest message of the place that is open which shows all of these words. */
  function message(...words: (string | RegExp)[]): Locator {
    return withWords(page.locator('main article.message'), words).last()
  }

  function field(label: string): Locator {
    const name = new RegExp(`^${RegExp.escape(label)}( ?[(（]|$)`)
    return modal.getByRole('textbox', { name }).or(modal.getByRole('combobox', { name }))
  }

  async function enter(text: string): Promise<void> {
    if (text.length <= LONG) await page.keyboard.type(text)
    else await page.keyboard.insertText(text)
  }

  /** Chooses in a select by typing the beginning of what it should be, and pressing the option that is proposed. */
  async function choose(label: string, option: string): Promise<void> {
    const box = field(label)
    await box.click()
    await enter(option)
    await page.getByRole('option', { name: option }).click()
  }

  return {
    page,
    modal,
    composer,
    faults,
    message,
    field,
    choose,
    /** Types in the composer, and sends it. */
    async say(text: string): Promise<void> {
      await composer.click()
      await enter(text)
      await composer.press('Enter')
    },
    async command(text: string): Promise<void> {
      await this.say(`${COMMAND} ${text}`)
    },
    /** Fills in the form on top by its labels. */
    async fill(values: Record<string, string>): Promise<void> {
      for (const [label, value] of Object.entries(values)) {
        const one = field(label)
        if ((await one.getAttribute('role')) === 'combobox') await choose(label, value)
        else {
          await one.click()
          await one.press('ControlOrMeta+a')
          await enter(value)
        }
      }
    },
    /** The same by the keyboard alone. */
    async type(values: Record<string, string>): Promise<void> {
      for (const [label, value] of Object.entries(values)) {
        const one = field(label)
        await one.focus()
        await one.press('ControlOrMeta+a')
        await enter(value)
        if ((await one.getAttribute('role')) !== 'combobox') continue
        await page.getByRole('option', { name: value }).waitFor()
        await one.press('Enter')
      }
    },
    /** Plays what is done, and tells with how many clicks it was. */
    async countingClicks(play: () => Promise<void>): Promise<number> {
      const before = await page.evaluate(() => window.clicks)
      await play()
      return (await page.evaluate(() => window.clicks)) - before
    },
    /** Presses a button by what is written on it: of the form on top, unless told where. */
    async press(
      name: string,
      { on = modal, confirm }: { on?: Locator; confirm?: string } = {},
    ): Promise<void> {
      await on.getByRole('button', { name, exact: true }).click()
      if (confirm !== undefined)
        await page.getByRole('alertdialog').getByRole('button', { name: confirm, exact: true }).click()
    },
    /** Chooses in the menu behind three dots. */
    async chooseMore(
      name: string,
      { on, menu = 'More actions' }: { on: Locator; menu?: string },
    ): Promise<void> {
      await on.getByRole('button', { name: menu, exact: true }).click()
      await page.getByRole('menu', { name: menu }).getByRole('menuitem', { name }).click()
    },
    /** Opens a channel, or the messages of the app, by its name in the list. */
    async go(name: string): Promise<void> {
      const list = page.locator('nav.channels')
      if (!(await list.isVisible())) await page.locator('nav.panes .to-channels').click()
      await list.getByRole('link', { name }).click()
      await page.locator('#place-title', { hasText: name }).waitFor()
    },
    /** Shows one of the panes, of which a narrow screen has room for one; a wide one shows all. */
    async pane(name: string): Promise<void> {
      const button = page.locator('nav.panes').getByRole('button', { name })
      if (await button.isVisible()) await button.click()
    },
    /** Opens one of the tabs beside. */
    async tool(name: string): Promise<Locator> {
      await page.getByRole('tab', { name, exact: true }).click()
      return page.getByRole('tabpanel', { name })
    },
    /** Faults of these words do not count: the test brings them about. */
    expects(...words: RegExp[]): void {
      faults.expected.push(...words)
    },
    /** What there is to be seen, as text. */
    async seen(): Promise<string> {
      const shown = await page.locator('body').ariaSnapshot()
      return `${await page.title()}\n${shown}`
    },
    async leave(): Promise<void> {
      await page.context().close()
    },
  }
}

/** Those that show all of these words. */
export function withWords(found: Locator, words: (string | RegExp)[]): Locator {
  return words.reduce<Locator>(
    (left, word) => left.filter({ hasText: typeof word === 'string' ? asWritten(word) : word }),
    found,
  )
}

/** A text by itself would be found in any case: "Issued" in "Approved, being issued". */
function asWritten(text: string): RegExp {
  return new RegExp(RegExp.escape(text).replaceAll('\\x20', '\\s+'))
}

/** Notes all that a person would see in the browser's console as wrong, and every request that failed. */
function watch(page: Page): Faults {
  const faults: Faults = { all: [], expected: [] }
  page.on('console', (said) => {
    if (said.type() === 'error' || said.type() === 'warning')
      faults.all.push(`console: ${said.text()} ${said.location().url}`)
  })
  page.on('pageerror', (error) => faults.all.push(`thrown: ${error.stack ?? error.message}`))
  page.on('crash', () => faults.all.push('the page crashed'))
  page.on('response', (answer) => {
    if (answer.status() >= 400)
      faults.all.push(`${answer.status()} ${answer.url()} ${answer.request().postData() ?? ''}`)
  })
  page.on('requestfailed', (asked) =>
    faults.all.push(
      `${asked.failure()?.errorText} ${asked.method()} ${asked.url()} ${asked.postData() ?? ''}`,
    ),
  )
  return faults
}
