/** @import { Block, Child, Scene } from './shapes.ts' */
import { h } from './dom.js'
import { mrkdwn } from './mrkdwn.js'

/** A text object. @param {unknown} text @param {Scene} scene @returns {Child} */
export function textOf(text, scene) {
  const { type, text: said = '' } = Object(text)
  return type === 'mrkdwn' ? mrkdwn(String(said), scene) : String(said)
}

/** Nothing is fetched from elsewhere: an image is what it says of itself. @param {Block} image @param {Scene} scene */
export function imageText(image, { words }) {
  const title = Object(image.title).text
  return h('span.image', { role: 'img', 'aria-label': String(image.alt_text ?? '') }, [
    `▣ ${words.image}: `,
    title ? `${title} – ` : '',
    String(image.alt_text ?? ''),
  ])
}
