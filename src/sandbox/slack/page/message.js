/** @import { Message, Scene } from './shapes.ts' */
import { drawBlock } from './block.js'
import { timeOf, when } from './dates.js'
import { h } from './dom.js'
import { mrkdwn } from './mrkdwn.js'
import { authorOf, colourOf } from './names.js'
import { messageSurface } from './surface.js'

/**
 * One message as its reader sees it.
 *
 * @param {Message} message @param {Scene} scene
 * @param {{ replies?: Message[], isFirstUnread?: boolean }} [about] replies: those of its thread, where it begins one
 */
export function drawMessage(message, scene, { replies = [], isFirstUnread = false } = {}) {
  const { words } = scene
  const author = authorOf(message, scene)
  const at = timeOf(message.ts)
  const surface = messageSurface(message, scene)
  const isMine = message.onlyFor !== undefined
  return h(
    isMine ? 'article.message.ephemeral' : 'article.message',
    { 'aria-label': words.messageBy(author, when(at, scene, { timeStyle: 'short' })) },
    isFirstUnread ? h('div.unread-line', {}, words.unread) : null,
    isMine ? h('p.only-you', {}, h('span.eye', { 'aria-hidden': 'true' }), words.onlyYou) : null,
    h(
      `span.avatar.colour-${message.bot_id ? 'app' : colourOf(message.user ?? '')}`,
      { 'aria-hidden': 'true' },
      message.bot_id ? '' : [...author][0],
    ),
    h(
      'div.content',
      {},
      h(
        'p.who',
        {},
        h('strong', {}, author),
        message.bot_id ? h('span.badge', {}, words.app) : null,
        h(
          'time',
          {
            datetime: new Date(at).toISOString(),
            title: when(at, scene, { dateStyle: 'full', timeStyle: 'medium' }),
          },
          when(at, scene, { timeStyle: 'short' }),
        ),
        message.edited ? h('span.edited', {}, words.edited) : null,
      ),
      message.blocks
        ? message.blocks.map((block) => drawBlock(block, scene, surface))
        : h('div.text', {}, mrkdwn(message.text, scene)),
      threadButton(message, replies, scene),
    ),
  )
}

/** @param {Message} message @param {Message[]} replies @param {Scene} scene */
function threadButton(message, replies, scene) {
  const { words, go } = scene
  const isInThread = message.thread_ts !== undefined && message.thread_ts !== message.ts
  if (message.onlyFor !== undefined || isInThread || scene.route.thread === message.ts) return null
  const isEmpty = replies.length === 0
  return h(
    isEmpty ? 'button.thread-link.empty' : 'button.thread-link',
    {
      type: 'button',
      'data-focus': `thread ${message.ts}`,
      onclick: () => go({ thread: message.ts, pane: 'tools' }),
    },
    isEmpty ? words.reply : words.replies(replies.length),
  )
}
