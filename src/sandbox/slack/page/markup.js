/** @import { ComponentChildren } from 'preact' */
/** @import { Piece } from '../markup/read.js' */
/** @import { Scene } from './shapes.ts' */
import { html } from 'htm/preact'
import { readText } from '../markup/read.js'

const TAGS = {
  strong: 'strong',
  em: 'em',
  s: 's',
  code: 'code',
  pre: 'pre',
  quote: 'blockquote',
  ordered: 'ol',
  bullets: 'ul',
  item: 'li',
}

/** A text object as its reader sees it. @param {unknown} text @param {Scene} scene @returns {ComponentChildren} */
export function textOf(text, scene) {
  return drawn(readText(text, scene.reader), scene)
}

/** @param {Piece[]} pieces @param {Scene} scene @returns {ComponentChildren} */
export function drawn(pieces, scene) {
  return pieces.map((piece) => drawnPiece(piece, scene))
}

/** @param {Piece} piece @param {Scene} scene @returns {ComponentChildren} */
function drawnPiece(piece, scene) {
  if (typeof piece === 'string') return piece
  switch (piece.kind) {
    case 'mention':
      return html`<span class=${isOwn(piece.id, scene) ? 'mention own' : 'mention'}>${piece.text}</span>`
    case 'date':
      if (piece.url !== '') return link(piece.url, piece.text)
      return html`<time title=${piece.fallback || undefined}>${piece.text}</time>`
    case 'link':
      return link(piece.url, piece.text)
    case 'image':
      // The page fetches nothing from elsewhere: an image is drawn as its description.
      return html`<span class="image" role="img" aria-label=${piece.alt}>
        ▣ ${scene.words.image}: ${piece.title && `${piece.title} – `}${piece.alt}
      </span>`
    case 'lines':
      return html`<div class="text">${drawn(piece.inside, scene)}</div>`
    default:
      return html`<${TAGS[piece.kind]}>${drawn(piece.inside, scene)}</>`
  }
}

/** @param {string} id @param {Scene} scene */
function isOwn(id, { viewer, state }) {
  return id === viewer.id || state.groups.some((group) => group.id === id && group.users.includes(viewer.id))
}

/** Only addresses that merely lead away become links; others stay text. @param {string} url @param {string} label */
function link(url, label) {
  if (!/^(?:https?:\/\/|mailto:|tel:)/i.test(url)) return label === url ? url : `${label} (${url})`
  return html`<a href=${url} target="_blank" rel="noopener noreferrer">${label}</a>`
}
