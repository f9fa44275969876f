/** @import { Block, Surface } from './shapes.ts' */
import { html } from 'htm/preact'
import { readBlock } from '../markup/read.js'
import { Chart } from './chart.js'
import { Element } from './elements.js'
import { drawn } from './markup.js'
import { useOwnId, useScene } from './scene.js'
import { Table } from './table.js'

/**
 * Draws blocks as people see them.
 *
 * @param {{ blocks: Block[], surface: Surface, errors?: Record<string, string> }} props errors by block_id
 */
export function Blocks({ blocks, surface, errors = {} }) {
  return blocks.map(
    (block, index) =>
      html`<${OneBlock}
        key=${keyOfBlock(block, blocks.slice(0, index))}
        block=${block}
        surface=${surface}
        error=${errors[String(block.block_id)]}
      />`,
  )
}

/**
 * The key of a block. A block with buttons keeps its key by its place among its kind: each update of a message gives
 * new `block_id`s to blocks that the app did not name, and a redraw would close a menu under the pointer.
 *
 * @param {Block} block @param {Block[]} before it
 */
function keyOfBlock({ type, block_id }, before) {
  if (type !== 'section' && type !== 'actions') return block_id
  return `${type} ${before.filter((one) => one.type === type).length}`
}

/**
 * The key of a button or menu depends on what it does, so that it never turns into something else under the pointer.
 *
 * @param {Block} element @param {Block} block
 */
function keyOfElement({ type, action_id, value, options }, { block_id }) {
  if (type === 'button') return JSON.stringify([action_id, value])
  if (type === 'overflow') return JSON.stringify([action_id, options])
  return `${block_id}/${action_id}`
}

/** @param {{ block: Block, surface: Surface, error?: string }} props */
function OneBlock({ block, surface, error }) {
  const scene = useScene()
  const read = readBlock(block, scene.reader)
  const element = (/** @type {Block} */ one) =>
    html`<${Element} key=${keyOfElement(one, block)} element=${one} block=${block} surface=${surface} />`
  switch (read.kind) {
    case 'header':
      return html`<h3 class="block header">${drawn(read.text, scene)}</h3>`
    case 'section':
      return html`<div class="block section">
        <div class="said">
          ${read.text.length > 0 && html`<div class="text">${drawn(read.text, scene)}</div>`}
          ${
            read.fields.length > 0 &&
            html`<div class="fields">
              ${read.fields.map((field) => html`<div class="text">${drawn(field, scene)}</div>`)}
            </div>`
          }
        </div>
        ${read.accessory && html`<div class="accessory">${element(read.accessory)}</div>`}
      </div>`
    case 'context':
      return html`<div class="block context">
        ${read.parts.map((part) => html`<span class="text">${drawn(part, scene)}</span>`)}
      </div>`
    case 'actions':
      return html`<div class="block actions">${read.elements.map(element)}</div>`
    case 'divider':
      return html`<hr class="block" />`
    case 'table':
      return html`<${Table} read=${read} />`
    case 'chart':
      return html`<${Chart} read=${read} />`
    case 'rich_text':
      return html`<div class="block"><div class="rich-text">${drawn(read.text, scene)}</div></div>`
    case 'image':
      return html`<div class="block">${drawn(read.text, scene)}</div>`
    case 'input':
      return html`<${InputBlock} block=${block} read=${read} surface=${surface} error=${error} />`
    case 'unknown':
      // A block that can't be drawn like Slack's is still readable.
      return html`<div class="block unknown">
        <span class="kind">${scene.words.undrawn(block.type)}</span>
        ${read.texts.map((text) => html`<div class="text">${text}</div>`)}
      </div>`
  }
}

const GROUPS = ['radio_buttons', 'checkboxes']

/**
 * An input with its label, hint and error, which a screen reader reads together.
 *
 * @param {{
 *   block: Block, surface: Surface, error?: string,
 *   read: Extract<ReturnType<typeof readBlock>, { kind: 'input' }>,
 * }} props
 */
function InputBlock({ block, read, surface, error }) {
  const { words } = useScene()
  const id = useOwnId()
  const { label, hint, isOptional, element } = read
  const isGroup = GROUPS.includes(element.type)
  const labelId = `${id}-label`
  const described = hint === '' ? `${id}-error` : `${id}-hint ${id}-error`
  const sign = isOptional
    ? html`<span class="optional"> ${words.optional}</span>`
    : html`<span class="required" aria-hidden="true" title=${words.required}> *</span>`
  const group = isGroup && { role: 'group', 'aria-labelledby': labelId, 'aria-describedby': described }
  return html`<div class=${error === undefined ? 'block input' : 'block input wrong'} ...${group}>
    ${
      isGroup
        ? html`<div class="label" id=${labelId}>${label}${sign}</div>`
        : html`<label class="label" id=${labelId} for=${id}>${label}${sign}</label>`
    }
    <${Element}
      element=${element}
      block=${block}
      surface=${surface}
      id=${id}
      labelId=${labelId}
      described=${described}
      isRequired=${!isOptional}
      isWrong=${error !== undefined}
    />
    <p class="error" id=${`${id}-error`} role="alert" hidden=${error === undefined}>
      ${error !== undefined && html`<span aria-hidden="true">⚠ </span>${error}`}
    </p>
    ${hint !== '' && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
  </div>`
}
