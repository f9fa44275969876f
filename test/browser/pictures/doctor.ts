import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import type { Browser } from 'playwright-core'
import type { Language } from './stage.ts'

/** A fault that shows every level. */
const FAULT = 'scopes'
/** Of a terminal's screen. */
const COLUMNS = 118
const SCALE = 1.25
/** Of one set of letters, in which quotation marks are as wide as each language has them. */
const FONT = { en: 'Noto Sans Mono CJK KR', 'zh-CN': 'Noto Sans Mono CJK SC' }
const LOCALE = { en: 'en_GB.UTF-8', 'zh-CN': 'zh_CN.UTF-8' }

/** What the doctor says of a broken set-up: as a screen shows it, and below as a log or a pipe holds it. */
export async function pictureOfDoctor(browser: Browser, language: Language): Promise<Buffer> {
  const report = await reportOf(language)
  const page = await browser.newPage({ deviceScaleFactor: SCALE, viewport: { width: 1200, height: 800 } })
  try {
    await page.setContent(pageOf(report, FONT[language]))
    return await page.locator('main').screenshot()
  } finally {
    await page.close()
  }
}

/** With the colours in it; without the first line, which tells what is broken. */
function reportOf(language: Language): Promise<string> {
  const main = join(import.meta.dirname, '../../../src/sandbox/main.ts')
  const { NO_COLOR: _, LC_ALL: __, LC_MESSAGES: ___, ...env } = process.env
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [main, '--broken', FAULT],
      { env: { ...env, FORCE_COLOR: '1', LANG: LOCALE[language] } },
      (error, out, err) => {
        const report = out.split('\n').slice(2).join('\n').trim()
        // It ends with 2, as something blocks.
        if (report === '') reject(new Error(`no report of the doctor: ${err}`, { cause: error }))
        else resolve(report)
      },
    )
  })
}

function pageOf(report: string, font: string): string {
  const screens = [
    `<pre class="screen"><b>$ npm run doctor</b>\n\n${coloured(report)}</pre>`,
    `<pre><b>$ npm run doctor | cat</b>\n\n${escaped(stripVTControlCharacters(report))}</pre>`,
  ]
  return `<!doctype html><meta charset="utf-8"><style>
    main { display: inline-block; background: #fff }
    pre { margin: 0; padding: 16px 20px; width: ${COLUMNS}ch; white-space: pre-wrap; overflow-wrap: break-word;
      font: 13px/1.45 "${font}", monospace; color: #1f2328; background: #f6f8fa }
    .screen { color: #d6dae0; background: #16191d }
    .green { color: #5fd38d } .gray { color: #9aa3ad } .yellow { color: #f2c94c } .red { color: #ff7b72 }
    .bold { font-weight: 700; color: #fff } .dim { opacity: .62 }
  </style><main>${screens.join('')}</main>`
}

// The codes of `styleText`, by which the tool paints.
const CLASSES: Readonly<Record<string, string>> = {
  1: 'bold',
  2: 'dim',
  31: 'red',
  32: 'green',
  33: 'yellow',
  90: 'gray',
}

/** Each stretch of one style becomes a span; styles don't nest in this report. */
function coloured(text: string): string {
  return text
    .split('\u001b[')
    .map((part, index) => {
      if (index === 0) return escaped(part)
      const [, code = '', rest = ''] = /^(\d+)m(.*)$/s.exec(part) ?? []
      const name = CLASSES[code]
      return name === undefined ? escaped(rest) : `<span class="${name}">${escaped(rest)}</span>`
    })
    .join('')
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
