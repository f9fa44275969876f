/** @import { Block, Child, Scene } from './shapes.ts' */
import { slackDate } from './dates.js'
import { h } from './dom.js'
import { link, mention } from './mrkdwn.js'
import { channelName, groupHandle, personName } from './names.js'

/** A `rich_text` block. @param {Block} block @param {Scene} scene */
export function richText(block, scene) {
  return h(
    'div.rich-text',
    {},
    partsOf(block).map((part) => section(part, scene)),
  )
}

/** @param {Block} part @param {Scene} scene @returns {HTMLElement} */
function section(part, scene) {
  const pieces = () => partsOf(part).map((piece) => pieceOf(piece, scene))
  switch (part.type) {
    case 'rich_text_preformatted':
      return h('pre', { tabindex: '0' }, pieces())
    case 'rich_text_quote':
      return h('blockquote', {}, pieces())
    case 'rich_text_list':
      return h(
        part.style === 'ordered' ? 'ol' : 'ul',
        {},
        partsOf(part).map((item) => h('li', {}, section(item, scene))),
      )
    default:
      return h('div.text', {}, pieces())
  }
}

/** @param {Block} piece @param {Scene} scene @returns {Child} */
function pieceOf(piece, scene) {
  const id = (/** @type {string} */ key) => String(piece[key] ?? '')
  switch (piece.type) {
    case 'user':
      return mention(`@${personName(id('user_id'), scene)}`, id('user_id'), scene)
    case 'channel':
      return mention(`#${channelName(id('channel_id'), scene)}`, '', scene)
    case 'usergroup':
      return mention(`@${groupHandle(id('usergroup_id'), scene)}`, id('usergroup_id'), scene)
    case 'broadcast':
      return mention(`@${id('range')}`, '', scene)
    case 'date':
      return h('time', {}, slackDate(id('timestamp'), id('format'), id('fallback'), scene))
    case 'link':
      return styled(piece, link(id('url'), piece.text === undefined ? undefined : id('text')))
    case 'emoji':
      return `:${id('name')}:`
    case 'text':
      return styled(piece, id('text'))
    default:
      return piece.text === undefined ? `(${piece.type})` : id('text')
  }
}

const TAGS = { bold: 'strong', italic: 'em', strike: 's', code: 'code' }

/** @param {Block} piece @param {Child} inside @returns {Child} */
function styled(piece, inside) {
  const style = /** @type {Record<string, boolean>} */ (Object(piece.style))
  let made = inside
  for (const [name, tag] of Object.entries(TAGS)) if (style[name]) made = h(tag, {}, made)
  return made
}

/** @param {Block} block @returns {Block[]} */
function partsOf({ elements }) {
  return Array.isArray(elements) ? elements : []
}
