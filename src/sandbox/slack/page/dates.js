/** @import { Scene } from './shapes.ts' */

const DAY = 86_400_000

/**
 * Each made once: making them was most of the time that drawing a channel took.
 * @type {Map<string, Intl.DateTimeFormat>}
 */
const made = new Map()

/** @param {string} locale @param {Intl.DateTimeFormatOptions} options */
function formatter(locale, options) {
  const key = JSON.stringify([locale, options])
  const known = made.get(key) ?? new Intl.DateTimeFormat(locale, options)
  made.set(key, known)
  return known
}

/** @type {Record<string, Intl.DateTimeFormatOptions>} */
const styles = {
  date_num: { year: 'numeric', month: '2-digit', day: '2-digit' },
  date: { dateStyle: 'long' },
  date_short: { dateStyle: 'medium' },
  date_long: { dateStyle: 'full' },
  time: { timeStyle: 'short' },
  time_secs: { timeStyle: 'medium' },
}

/**
 * A Slack date in the viewer's zone and language: `<!date^1767168000^{date_short_pretty} {time}|fallback>`. What can't
 * be read is its fallback, as in Slack.
 *
 * @param {string} seconds @param {string} form @param {string} fallback @param {Scene} scene
 */
export function slackDate(seconds, form, fallback, { viewer, state }) {
  if (!/^\d+$/.test(seconds) || form === '') return fallback
  const at = Number(seconds) * 1000
  let isKnown = at < 8.64e15
  const told = form.replace(/\{(\w+)\}/g, (_, /** @type {string} */ token) => {
    const style = styles[token.replace(/_pretty$/, '')]
    if (!style || !isKnown) {
      isKnown = false
      return ''
    }
    const near = token.endsWith('_pretty') ? nearDay(at, state.now, viewer) : undefined
    return near ?? formatter(viewer.locale, { ...style, timeZone: viewer.tz }).format(at)
  })
  return isKnown ? told : fallback
}

/** @param {number} at epoch ms @param {Scene} scene @param {Intl.DateTimeFormatOptions} style */
export function when(at, { viewer }, style) {
  return formatter(viewer.locale, { ...style, timeZone: viewer.tz }).format(at)
}

/** The day that a message stands under. @param {number} at epoch ms @param {Scene} scene */
export function dayName(at, scene) {
  const near = nearDay(at, scene.state.now, scene.viewer)
  if (!near) return when(at, scene, { dateStyle: 'full' })
  return near.charAt(0).toUpperCase() + near.slice(1)
}

/** The same text for all times of one day. @param {number} at epoch ms @param {{ tz: string }} viewer */
export function dayKey(at, { tz }) {
  return formatter('en-CA', { timeZone: tz }).format(at)
}

/** @param {string} ts of a message @returns {number} epoch ms */
export function timeOf(ts) {
  return Number(ts) * 1000
}

/**
 * "today", "tomorrow", "yesterday" in the viewer's words.
 * @param {number} at @param {number} now @param {{ locale: string, tz: string }} viewer
 */
function nearDay(at, now, viewer) {
  const away = [-1, 0, 1].find((days) => dayKey(now + days * DAY, viewer) === dayKey(at, viewer))
  if (away === undefined) return undefined
  return new Intl.RelativeTimeFormat(viewer.locale, { numeric: 'auto' }).format(away, 'day')
}
