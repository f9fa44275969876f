/** @import { Block, Scene, Surface } from './shapes.ts' */
import { h } from './dom.js'
import { drawElement } from './element.js'
import { inputBlock } from './input-block.js'
import { richText } from './rich-text.js'
import { imageText, textOf } from './text.js'

/**
 * One block as people see it.
 *
 * @param {Block} block @param {Scene} scene @param {Surface} surface
 * @returns {HTMLElement}
 */
export function drawBlock(block, scene, surface) {
  switch (block.type) {
    case 'header':
      return h('h3.block.header', {}, textOf(block.text, scene))
    case 'section':
      return section(block, scene, surface)
    case 'context':
      return h(
        'div.block.context',
        {},
        listOf(block.elements).map((element) => contextPart(element, scene)),
      )
    case 'actions':
      return h(
        'div.block.actions',
        {},
        listOf(block.elements).map((element) => drawElement(element, block, scene, surface)),
      )
    case 'divider':
      return h('hr.block')
    case 'rich_text':
      return h('div.block', {}, richText(block, scene))
    case 'image':
      return h('div.block', {}, imageText(block, scene))
    case 'input':
      return inputBlock(block, scene, surface)
    default:
      return unknown(block, scene)
  }
}

/** @param {Block} block @param {Scene} scene @param {Surface} surface */
function section(block, scene, surface) {
  const accessory = Object(block.accessory)
  return h(
    'div.block.section',
    {},
    h(
      'div.said',
      {},
      block.text ? h('div.text', {}, textOf(block.text, scene)) : null,
      Array.isArray(block.fields)
        ? h(
            'div.fields',
            {},
            listOf(block.fields).map((field) => h('div.text', {}, textOf(field, scene))),
          )
        : null,
    ),
    accessory.type ? h('div.accessory', {}, drawElement(accessory, block, scene, surface)) : null,
  )
}

/** @param {Block} element @param {Scene} scene */
function contextPart(element, scene) {
  if (element.type === 'image') return imageText(element, scene)
  return h('span.text', {}, textOf(element, scene))
}

/** What is not drawn like Slack does is still readable. @param {Block} block @param {Scene} scene */
function unknown(block, { words }) {
  return h(
    'div.block.unknown',
    {},
    h('span.kind', {}, words.undrawn(block.type)),
    textsIn(block).map((text) => h('div.text', {}, text)),
  )
}

/** Every text in a block, in its order. @param {unknown} value @returns {string[]} */
function textsIn(value) {
  if (Array.isArray(value)) return value.flatMap(textsIn)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inside]) => {
    if (typeof inside === 'string')
      return ['text', 'alt_text', 'title', 'label'].includes(key) ? [inside] : []
    return textsIn(inside)
  })
}

/** @param {unknown} list @returns {Block[]} */
function listOf(list) {
  return Array.isArray(list) ? list : []
}
