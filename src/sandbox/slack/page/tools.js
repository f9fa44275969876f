import { html } from 'htm/preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { Clock } from './clock.js'
import { Faults } from './faults.js'
import { useScene } from './scene.js'
import { Thread } from './talk.js'
import { Traffic } from './traffic.js'
import { Wechat } from './wechat.js'

const PANELS = { traffic: Traffic, wechat: Wechat, faults: Faults, clock: Clock, about: About }
const NAMES = /** @type {(keyof typeof PANELS)[]} */ (Object.keys(PANELS))

/** The side pane: the tools behind the scenes, or the open thread. */
export function Tools() {
  const { words, route, go } = useScene()
  const tabs = useRef(/** @type {HTMLDivElement | null} */ (null))
  const tool = NAMES.find((name) => name === route.tool) ?? 'traffic'

  /** @param {KeyboardEvent} event */
  function onKeyDown(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (step === undefined) return
    event.preventDefault()
    const next = (NAMES.indexOf(tool) + step + NAMES.length) % NAMES.length
    go({ tool: NAMES[next] })
    const tab = tabs.current?.children[next]
    if (tab instanceof HTMLElement) tab.focus()
  }

  if (route.thread !== '')
    return html`<aside class="tools" aria-label=${words.thread}><${Thread} key=${route.thread} /></aside>`
  return html`<aside class="tools" aria-label=${words.behind}>
    <section class="behind">
      <div ref=${tabs} class="tablist" role="tablist" aria-label=${words.behind} onKeyDown=${onKeyDown}>
        ${NAMES.map(
          (name) =>
            html`<button
              type="button"
              class="tab"
              role="tab"
              id=${`tab-${name}`}
              aria-selected=${String(name === tool)}
              aria-controls="tool-panel"
              tabindex=${name === tool ? 0 : -1}
              onClick=${() => go({ tool: name })}
            >
              ${words.tools[name]}
            </button>`,
        )}
      </div>
      <div class="panel" role="tabpanel" id="tool-panel" tabindex="-1" aria-labelledby=${`tab-${tool}`}>
        <${PANELS[tool]} />
      </div>
    </section>
  </aside>`
}

/** What this is, and what it is not. */
function About() {
  const {
    server,
    state,
    words: { about },
  } = useScene()
  const [tokens, setTokens] = useState(/** @type {Record<string, string>} */ ({}))
  useEffect(() => void server.tokens().then(setTokens, () => {}), [state.run])
  return html`<div class="about">
    <h3>${about.is}</h3>
    ${about.isLines.map((line) => html`<p>${line}</p>`)}
    <h3>${about.isNot}</h3>
    <ul>${about.isNotLines.map((line) => html`<li>${line}</li>`)}</ul>
    <p>${about.next}</p>
    <h3>${about.tokens}</h3>
    <p>${about.tokensNote}</p>
    <pre tabindex="0">
${Object.entries(tokens)
  .map(([name, value]) => `${name}=${value}`)
  .join('\n')}</pre
    >
    <h3>${about.keys}</h3>
    <dl>${about.keyLines.map(([key, does]) => html`<dt><kbd>${key}</kbd></dt><dd>${does}</dd>`)}</dl>
    <p><a href="/sandbox" target="_blank" rel="noopener">${about.http}</a></p>
  </div>`
}
