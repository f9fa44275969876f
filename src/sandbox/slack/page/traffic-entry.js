/** @import { Scene, TrafficEntry, Words } from './shapes.ts' */
import { when } from './dates.js'
import { h } from './dom.js'

/** How long a button says that it copied, ms. */
const SAID = 1500

/** How an entry ended, in a word; empty while it is under way. @param {TrafficEntry} entry */
export function statusOf({ status, error, answer, direction, ms }) {
  const refusal = direction === 'to_slack' ? Object(answer) : {}
  const isRefused = refusal.ok === false
  const isBad = error !== undefined || isRefused || (status ?? 200) >= 400
  if (ms === undefined) return { text: '', isBad: false }
  if (error !== undefined) return { text: error, isBad }
  if (isRefused) return { text: String(refusal.error), isBad }
  return { text: status === undefined ? 'ack' : String(status), isBad }
}

/** @param {TrafficEntry} entry @param {Scene} scene */
export function timed({ at }, scene) {
  return when(at, scene, { dateStyle: 'medium', timeStyle: 'medium' })
}

/** @param {unknown} value */
export function json(value) {
  return value === undefined ? '' : JSON.stringify(value, undefined, 2)
}

/** @param {unknown} value @param {Words} words */
export function copyButton(value, words) {
  const button = h(
    'button.small',
    {
      type: 'button',
      onclick: async () => {
        const text = typeof value === 'string' ? value : json(value)
        const isDone = await navigator.clipboard.writeText(text).then(
          () => true,
          () => false,
        )
        button.textContent = isDone ? words.copied : words.notCopied
        setTimeout(() => {
          button.textContent = words.copy
        }, SAID)
      },
    },
    words.copy,
  )
  return button
}
