import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import { expect } from 'vitest'
import type { Sitting } from './sitting.ts'

/** https://github.com/dequelabs/axe-core, put into the page as the browser's own tools are. */
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Finds nothing that the checker knows to be wrong, of whatever standard. */
export async function checked({ page }: Sitting, where: string): Promise<void> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe)
  const { violations } = (await page.evaluate(
    'axe.run(document, { resultTypes: ["violations"] })',
  )) as AxeResults
  const told = violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${help}: ${html} ${failureSummary}`),
  )
  expect(told, where).toEqual([])
}

/** Nobody has to scroll sideways, and what can be pressed is on the screen. */
export async function fits({ page }: Sitting): Promise<void> {
  const beyond = await page.evaluate(() => {
    const shown = [...document.querySelectorAll('button, a, input, textarea, article, dialog[open]')].filter(
      (one) => one.checkVisibility(),
    )
    return shown
      .filter(
        (one) => one.getBoundingClientRect().right > innerWidth + 1 || one.getBoundingClientRect().left < -1,
      )
      .map((one) => `${one.tagName} ${one.textContent?.slice(0, 40)}`)
      .concat(document.documentElement.scrollWidth > innerWidth ? ['the page'] : [])
  })
  expect(beyond).toEqual([])
}
