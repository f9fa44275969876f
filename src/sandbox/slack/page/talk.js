/** @import { Message, Scene } from './shapes.ts' */
import { html } from 'htm/preact'
import { useEffect } from 'preact/hooks'
import { Blocks } from './blocks.js'
import { Composer } from './composer.js'
import { Messages, OneMessage } from './messages.js'
import { channelName, personName, useScene } from './scene.js'
import { pressedAtOnce } from './surface.js'
import { FirstStep } from './tip.js'

/** The middle of the page: one channel or the DM with the app. */
export function Talk() {
  const scene = useScene()
  const { route, viewer, state, words, server, go } = scene
  const isDm = route.channel === viewer.dm
  const hasHome = isDm && state.app.hasHomeTab
  const isHome = hasHome && (route.tab === 'home' || !state.app.hasMessagesTab)
  const channel = state.channels.find(({ id }) => id === route.channel)
  const members = channel?.members.map((id) => personName(id, state) ?? id) ?? []
  // Notify the app each time the tab is opened, not each time it is drawn.
  useEffect(() => {
    if (isHome) void server.act(viewer.id, 'home').catch(() => {})
  }, [isHome && viewer.id])
  useEffect(() => {
    if (!isHome) markRead(scene)
  })
  const tab = (/** @type {'home' | 'messages'} */ name, /** @type {string} */ text) =>
    html`<button
      type="button"
      class="tab"
      aria-pressed=${String((name === 'home') === isHome)}
      onClick=${() => go({ tab: name })}
    >
      ${text}
    </button>`
  const name = channelName(route.channel, state) ?? route.channel
  return html`<main aria-labelledby="place-title">
    <header>
      <h2 id="place-title">${channel ? `${channel.isPrivate ? '🔒 ' : '# '}${channel.name}` : name}</h2>
      ${
        channel
          ? html`<span class="note" title=${members.join(', ')}>${words.members(members.length)}</span>`
          : html`<span class="badge">${words.app}</span>`
      }
      ${channel?.isExternal && html`<span class="note">${words.shared}</span>`}
      ${
        hasHome &&
        state.app.hasMessagesTab &&
        html`<div class="tabs">${tab('home', words.home)}${tab('messages', words.messages)}</div>`
      }
    </header>
    <${FirstStep} />
    ${
      isHome
        ? html`<${Home} />`
        : html`<${Messages} key=${`${viewer.id} ${route.channel}`} />
          <${Composer} key=${`${viewer.id} ${route.channel} `} />`
    }
  </main>`
}

/** The app's Home tab. */
function Home() {
  const scene = useScene()
  const { words, state, viewer } = scene
  const view = state.homes[viewer.id]
  return html`<div
    class=${view ? 'home' : 'home nothing'}
    tabindex="0"
    aria-label=${words.home}
    data-nothing=${words.noHome}
  >
    ${view && html`<${Blocks} blocks=${view.blocks} surface=${pressedAtOnce(scene)} />`}
  </div>`
}

/** Marks what is on the screen as read. @param {Scene} scene */
function markRead(scene) {
  const { route, state } = scene
  const isHidden = route.pane === 'channels' && matchMedia('(max-width: 700px)').matches
  if (!isHidden) markReadTo(state.messages[route.channel]?.at(-1), {}, scene)
}

/** @param {Message | undefined} last on the screen @param {{ threadTs?: string }} thread @param {Scene} scene */
function markReadTo(last, thread, { route: { channel }, viewer, state, server }) {
  if (!last || document.visibilityState !== 'visible') return
  const place = thread.threadTs === undefined ? channel : `${channel}/${thread.threadTs}`
  if (Number(state.readMarks[viewer.id]?.[place] ?? 0) >= Number(last.ts)) return
  void server.act(viewer.id, 'read', { channel, ts: last.ts, ...thread }).catch(() => {})
}

/** The thread of one message, with its own composer. */
export function Thread() {
  const scene = useScene()
  const { state, route, words, viewer, go } = scene
  const all = (state.messages[route.channel] ?? []).filter(
    ({ ts, thread_ts }) => ts === route.thread || thread_ts === route.thread,
  )
  const close = () => go({ thread: '', pane: 'talk' })
  useEffect(() => markReadTo(all.at(-1), { threadTs: route.thread }, scene))
  return html`<section
    class="thread"
    aria-labelledby="thread-title"
    onKeyDown=${(/** @type {KeyboardEvent} */ event) =>
      event.key === 'Escape' && !event.defaultPrevented && !event.isComposing && close()}
  >
    <header>
      <h2 id="thread-title">${words.thread}</h2>
      <button type="button" class="quiet" aria-label=${words.closeThread} onClick=${close}>×</button>
    </header>
    <div class="messages">
      ${all.map((message) => html`<${OneMessage} key=${message.ts} message=${message} />`)}
    </div>
    <${Composer} key=${`${viewer.id} ${route.channel} ${route.thread}`} isInThread />
  </section>`
}
