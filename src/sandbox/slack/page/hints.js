/** @import { Scene } from './shapes.ts' */
import { h, newId } from './dom.js'

/**
 * Proposes the commands that the manifest declares, with how each is used.
 *
 * @param {HTMLTextAreaElement} field
 * @param {(text: string) => void} take what is typed once a command is chosen
 */
export function createHints(field, take) {
  const listId = newId()
  const list = h('ul.hints', {
    id: listId,
    role: 'listbox',
    hidden: true,
    onpointerdown: (/** @type {Event} */ event) => event.preventDefault(),
  })
  /** @type {string[]} */
  let commands = []
  let active = 0

  field.setAttribute('aria-controls', listId)
  field.setAttribute('aria-autocomplete', 'list')

  function close() {
    list.hidden = true
    field.removeAttribute('aria-activedescendant')
  }

  function showActive() {
    for (const [index, row] of [...list.children].entries()) {
      row.classList.toggle('active', index === active)
      row.setAttribute('aria-selected', String(index === active))
    }
    field.setAttribute('aria-activedescendant', `${listId}-${active}`)
  }

  /** @param {string} text @param {Scene} scene */
  function draw(text, { state, words }) {
    const [typed = '', rest] = text.split(/\s([\s\S]*)/, 2)
    const fitting = text.startsWith('/')
      ? state.app.commands.filter(({ command }) =>
          rest === undefined ? command.startsWith(typed) : command === typed,
        )
      : []
    commands = fitting.map(({ command }) => command)
    if (commands.length === 0) return close()
    active = 0
    list.setAttribute('aria-label', words.commands)
    list.replaceChildren(
      ...fitting.map(({ command, usageHint, description }, index) =>
        h(
          'li',
          { id: `${listId}-${index}`, role: 'option', onclick: () => choose(command, rest) },
          h('span.command', {}, command, ' ', h('span.usage', {}, usageHint)),
          h('span.description', {}, description),
        ),
      ),
    )
    list.hidden = false
    showActive()
  }

  /** @param {string} command @param {string} [rest] */
  function choose(command, rest) {
    if (rest === undefined) take(`${command} `)
    field.focus()
  }

  /** @param {KeyboardEvent} event @returns {boolean} whether it was meant for the list */
  function onKey(event) {
    if (list.hidden) return false
    const isComplete = /\s/.test(field.value) || commands.includes(field.value)
    if (event.key === 'Escape') close()
    else if (event.key === 'Tab' && !isComplete && !event.shiftKey) choose(commands[active])
    else if (event.key === 'Enter' && !isComplete && !event.shiftKey) choose(commands[active])
    else if (/^Arrow(Up|Down)$/.test(event.key) && commands.length > 1) {
      active = (active + (event.key === 'ArrowDown' ? 1 : -1) + commands.length) % commands.length
      showActive()
    } else return false
    event.preventDefault()
    return true
  }

  return { element: list, draw, close, onKey }
}
