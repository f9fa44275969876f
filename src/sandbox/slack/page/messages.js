/** @import { Message, Scene, SentFile } from './shapes.ts' */
import { html } from 'htm/preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { dayKey, moment, nearDay } from '../markup/read.js'
import { Blocks } from './blocks.js'
import { textOf } from './markup.js'
import { Shortcuts } from './menu.js'
import { authorOf, colourOf, isInThread, timeOf, useScene } from './scene.js'
import { pressedAtOnce } from './surface.js'

/** Up to this many px from the end counts as at the end. */
const NEAR = 60

/**
 * Keeps the newest entry in view for a reader at the end of a list.
 * @param {boolean} [isOpened] whether it begins there
 */
export function useEndInSight(isOpened = false) {
  const list = useRef(/** @type {HTMLElement | null} */ (null))
  const place = list.current
  // Checked while the list still has its old content.
  const isAtEnd = place ? place.scrollHeight - place.scrollTop - place.clientHeight < NEAR : isOpened
  useLayoutEffect(() => {
    if (isAtEnd && list.current) list.current.scrollTop = list.current.scrollHeight
  })
  return list
}

/** The messages of the open channel, under their days. */
export function Messages() {
  const scene = useScene()
  const { route, viewer, state, words } = scene
  const all = state.messages[route.channel] ?? []
  // Messages that arrive while the viewer looks on are not marked as unread.
  const [opened] = useState(() => ({
    from: Number(state.readMarks[viewer.id]?.[route.channel] ?? 0),
    to: Number(all.at(-1)?.ts ?? 0),
  }))
  const list = useEndInSight(true)
  const threads = Map.groupBy(all.filter(isReply), ({ thread_ts }) => thread_ts)
  const begun = all.filter((message) => !isInThread(message))
  const isNew = (/** @type {Message} */ { ts, user, onlyFor }) =>
    Number(ts) > opened.from && Number(ts) <= opened.to && user !== viewer.id && onlyFor === undefined
  const firstNew = opened.from === 0 ? undefined : begun.find(isNew)
  const day = (/** @type {Message | undefined} */ message) => message && dayKey(timeOf(message.ts), viewer)
  return html`<div
    ref=${list}
    class=${all.length === 0 ? 'messages nothing' : 'messages'}
    role="log"
    tabindex="0"
    aria-label=${words.messages}
    data-nothing=${words.noMessages}
  >
    ${begun.flatMap((message, index) => [
      day(message) !== day(begun[index - 1]) &&
        html`<div class="day" role="separator" key=${day(message)}>
          <span>${dayName(timeOf(message.ts), scene)}</span>
        </div>`,
      html`<${OneMessage}
        key=${message.ts}
        message=${message}
        replies=${threads.get(message.ts)?.length ?? 0}
        isFirstNew=${message === firstNew}
      />`,
    ])}
  </div>`
}

/**
 * One message as its reader sees it.
 *
 * @param {{ message: Message, replies?: number, isFirstNew?: boolean }} props replies: if it begins a thread
 */
export function OneMessage({ message, replies = 0, isFirstNew = false }) {
  const scene = useScene()
  const { words, viewer, route, go, state } = scene
  const author = authorOf(message, state)
  const at = timeOf(message.ts)
  const time = moment(at, viewer, { timeStyle: 'short' })
  const isMine = message.onlyFor !== undefined
  const canReply = !isMine && !isReply(message) && route.thread !== message.ts
  return html`<article
    class=${isMine ? 'message ephemeral' : 'message'}
    aria-label=${words.messageBy(author, time)}
  >
    ${isFirstNew && html`<div class="unread-line">${words.unread}</div>`}
    ${isMine && html`<p class="only-you"><span class="eye" aria-hidden="true"></span>${words.onlyYou}</p>`}
    <span class=${`avatar colour-${message.bot_id ? 'app' : colourOf(message.user ?? '')}`} aria-hidden="true">
      ${message.bot_id ? '' : [...author][0]}
    </span>
    <div class="content">
      <p class="who">
        <strong>${author}</strong>
        ${message.bot_id && html`<span class="badge">${words.app}</span>`}
        <time
          datetime=${new Date(at).toISOString()}
          title=${moment(at, viewer, { dateStyle: 'full', timeStyle: 'medium' })}
        >
          ${time}
        </time>
        ${message.edited && html`<span class="edited">${words.edited}</span>`}
      </p>
      ${
        message.blocks
          ? html`<${Blocks} blocks=${message.blocks} surface=${pressedAtOnce(scene, message)} />`
          : message.text !== '' &&
            html`<div class="text">${textOf({ type: 'mrkdwn', text: message.text }, scene)}</div>`
      }
      ${message.files?.map((file) => html`<${File} key=${file.id} file=${file} />`)}
      ${
        canReply &&
        html`<button
          type="button"
          class=${replies === 0 ? 'thread-link empty' : 'thread-link'}
          onClick=${() => go({ thread: message.ts, pane: 'tools' })}
        >
          ${replies === 0 ? words.reply : words.replies(replies)}
        </button>`
      }
    </div>
    ${!isMine && html`<${Shortcuts} type="message" on=${{ channel: message.channel, messageTs: message.ts }} />`}
  </article>`
}

/** A file as Slack draws one: its title, its name and its beginning. @param {{ file: SentFile }} props */
function File({ file }) {
  const { words } = useScene()
  return html`<figure class="file">
    <figcaption>
      <a href=${`/file/${file.id}`} download=${file.name}>${file.title}</a>
      <span>${words.fileOf(file.name, file.size)}</span>
    </figcaption>
    <pre tabindex="0" aria-label=${words.preview}>${file.preview}</pre>
  </figure>`
}

/** @param {Message} message */
function isReply({ ts, thread_ts }) {
  return thread_ts !== undefined && thread_ts !== ts
}

/** The heading of a message's day. @param {number} at epoch ms @param {Scene} scene */
function dayName(at, { viewer, reader }) {
  const near = nearDay(at, reader)
  if (!near) return moment(at, viewer, { dateStyle: 'full' })
  return near.charAt(0).toUpperCase() + near.slice(1)
}
