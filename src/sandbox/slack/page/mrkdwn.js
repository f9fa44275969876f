/** @import { Child, Scene } from './shapes.ts' */
import { slackDate } from './dates.js'
import { h } from './dom.js'
import { channelName, groupHandle, personName } from './names.js'

/**
 * Slack's markup as elements: https://docs.slack.dev/messaging/formatting-message-text
 *
 * @param {string} text @param {Scene} scene @returns {Child[]}
 */
export function mrkdwn(text, scene) {
  return text.split(/```([\s\S]+?)```/).map((part, index) => {
    if (index % 2 === 1) return h('pre', {}, unescaped(part.replace(/^\n|\n$/g, '')))
    return quoted(part, scene)
  })
}

/** @param {string} text @param {Scene} scene @returns {Child[]} */
function quoted(text, scene) {
  /** @type {Child[]} */
  const parts = []
  for (const run of text.split(/((?:^(?:&gt;|>) ?.*(?:\n|$))+)/m)) {
    if (/^(?:&gt;|>)/.test(run))
      parts.push(h('blockquote', {}, inline(run.replace(/^(?:&gt;|>) ?/gm, '').replace(/\n$/, ''), scene)))
    else parts.push(inline(run, scene))
  }
  return parts
}

/** Marks count only around words, as in Slack: `2*3` and `a_b` stay as they are. */
const TOKEN = /`([^`\n]+)`|<([^<>\n]+)>|(?<![\p{L}\p{N}])([*_~])(?=\S)([^\n]*?\S)\3(?![\p{L}\p{N}])/gu
/** @type {Record<string, string>} */
const TAGS = { '*': 'strong', _: 'em', '~': 's' }

/** @param {string} text @param {Scene} scene @returns {Child[]} */
function inline(text, scene) {
  /** @type {Child[]} */
  const parts = []
  let done = 0
  for (const match of text.matchAll(TOKEN)) {
    const [whole, code, named, mark, marked] = match
    parts.push(unescaped(text.slice(done, match.index)))
    if (code !== undefined) parts.push(h('code', {}, unescaped(code)))
    else if (named !== undefined) parts.push(reference(named, scene))
    else parts.push(h(TAGS[mark], {}, inline(marked, scene)))
    done = match.index + whole.length
  }
  parts.push(unescaped(text.slice(done)))
  return parts
}

/** What stands in angle brackets: a mention, a date, an address. @param {string} inside @param {Scene} scene */
function reference(inside, scene) {
  const bar = inside.indexOf('|')
  const target = bar < 0 ? inside : inside.slice(0, bar)
  const label = bar < 0 ? undefined : unescaped(inside.slice(bar + 1))
  if (target.startsWith('@')) return mention(`@${personName(target.slice(1), scene)}`, target.slice(1), scene)
  if (target.startsWith('#'))
    return mention(`#${channelName(target.slice(1), scene)}`, target.slice(1), scene)
  if (target.startsWith('!subteam^')) {
    const id = target.slice('!subteam^'.length)
    return mention(`@${groupHandle(id, scene)}`, id, scene)
  }
  if (target.startsWith('!date^')) {
    const [, seconds = '', form = '', address] = target.split('^')
    const told = slackDate(seconds, unescaped(form), label ?? '', scene)
    return address ? link(unescaped(address), told) : h('time', { title: label }, told)
  }
  if (target.startsWith('!')) return mention(`@${label ?? target.slice(1)}`, '', scene)
  return link(unescaped(target), label)
}

/** @param {string} text @param {string} id @param {Scene} scene */
export function mention(text, id, { viewer, state }) {
  const isOwn =
    id === viewer.id || state.groups.some((group) => group.id === id && group.users.includes(viewer.id))
  return h(isOwn ? 'span.mention.own' : 'span.mention', {}, text)
}

/** Only addresses that can do nothing here but lead away; others are text. @param {string} url @param {string} [label] */
export function link(url, label = url) {
  if (!/^(?:https?:\/\/|mailto:|tel:)/i.test(url)) return label === url ? url : `${label} (${url})`
  return h('a', { href: url, target: '_blank', rel: 'noopener noreferrer' }, label)
}

/** @param {string} text */
export function unescaped(text) {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}
