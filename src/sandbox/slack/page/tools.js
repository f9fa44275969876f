/** @import { Scene } from './shapes.ts' */
import { createAbout } from './about.js'
import { createClock } from './clock.js'
import { h, redraw } from './dom.js'
import { createFaults } from './faults.js'
import { createThread } from './thread.js'
import { createTraffic } from './traffic.js'
import { createWechat } from './wechat.js'

/** The pane beside: what goes on behind the scenes, or the thread that is open. */
export function createTools() {
  const thread = createThread()
  const panels = {
    traffic: createTraffic(),
    wechat: createWechat(),
    faults: createFaults(),
    clock: createClock(),
    about: createAbout(),
  }
  const names = /** @type {(keyof typeof panels)[]} */ (Object.keys(panels))
  const tabs = h('div.tablist', { role: 'tablist', onkeydown: onKey })
  const body = h('div.panel', { role: 'tabpanel', id: 'tool-panel', tabindex: '-1' })
  const behind = h('section.behind', {}, tabs, body)
  const element = h('aside.tools', {}, thread.element, behind)
  /** @type {Scene} */
  let scene
  /** @type {keyof typeof panels | ''} */
  let shown = ''

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (step === undefined) return
    event.preventDefault()
    const next = names[(names.indexOf(toolOf(scene)) + step + names.length) % names.length]
    scene.go({ tool: next })
    const tab = tabs.querySelector(`[data-focus="tool ${next}"]`)
    if (tab instanceof HTMLElement) tab.focus()
  }

  /** @param {Scene} now @returns {keyof typeof panels} */
  function toolOf({ route }) {
    return names.find((name) => name === route.tool) ?? 'traffic'
  }

  /** @param {Scene} now */
  function draw(now) {
    scene = now
    const { words, route } = now
    const isThread = route.thread !== ''
    thread.element.hidden = !isThread
    behind.hidden = isThread
    element.setAttribute('aria-label', isThread ? words.thread : words.behind)
    if (isThread) return thread.draw(now)
    const tool = toolOf(now)
    redraw(tabs, [tool, words.language], () => {
      tabs.setAttribute('aria-label', words.behind)
      return names.map((name) =>
        h(
          'button.tab',
          {
            type: 'button',
            role: 'tab',
            id: `tab-${name}`,
            'aria-selected': String(name === tool),
            'aria-controls': 'tool-panel',
            tabindex: name === tool ? '0' : '-1',
            'data-focus': `tool ${name}`,
            onclick: () => now.go({ tool: name }),
          },
          words.tools[name],
        ),
      )
    })
    if (shown !== tool) {
      shown = tool
      body.replaceChildren(panels[tool].element)
      body.setAttribute('aria-labelledby', `tab-${tool}`)
    }
    panels[tool].draw(now)
  }

  return { element, draw }
}
