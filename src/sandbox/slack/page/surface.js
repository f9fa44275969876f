/** @import { Block, Message, Option, Scene, Surface, Typed, View } from './shapes.ts' */
import { RefusedError } from './server.js'

/** ms of rest after which what is typed goes to the server. */
const REST = 250

/** Buttons and selects of a message. @param {Message} message @param {Scene} scene @returns {Surface} */
export function messageSurface(message, scene) {
  const at = { messageTs: message.ts, channel: message.channel }
  return {
    kind: 'message',
    message,
    drafts: new Map(),
    press: (element, value) => press(element, value, at, scene),
    fill: () => {},
    suggest: async () => [],
  }
}

/** The Home tab. @param {View} view @param {Scene} scene @returns {Surface} */
export function homeSurface(view, scene) {
  return {
    kind: 'home',
    view,
    drafts: new Map(),
    press: (element, value) => press(element, value, {}, scene),
    fill: () => {},
    suggest: async () => [],
  }
}

/**
 * A modal with what was typed into it. What is typed goes to the server one by one, in its order; `settle` waits until
 * it has all of it, before anything is pressed.
 *
 * @param {string} person
 * @param {() => Scene} sceneNow
 */
export function createModalSurface(person, sceneNow) {
  /** @type {Map<string, Typed>} */
  const drafts = new Map()
  /** @type {Map<string, Typed>} */
  let unsent = new Map()
  let timer = 0
  let sending = Promise.resolve()

  function send() {
    clearTimeout(timer)
    if (unsent.size === 0) return sending
    const values = Object.fromEntries(unsent)
    unsent = new Map()
    sending = sending.then(async () => {
      try {
        await sceneNow().server.act(person, 'fill', { values })
      } catch (error) {
        // The form may be gone, or have other fields by now: what was typed has nowhere to go.
        if (!(error instanceof RefusedError)) throw error
      }
    })
    return sending
  }

  /** @param {View} view @returns {Surface} */
  function of(view) {
    return {
      kind: 'modal',
      view,
      drafts,
      async press(element, value) {
        await send()
        await press(element, value, {}, sceneNow())
      },
      fill(key, value) {
        drafts.set(key, value)
        unsent.set(key, value)
        clearTimeout(timer)
        timer = window.setTimeout(() => void send(), REST)
      },
      suggest: (element, query) => suggest(element, query, sceneNow()),
    }
  }

  return { of, settle: send }
}

/**
 * @param {Block} element @param {string | undefined} value @param {object} at @param {Scene} scene
 */
async function press(element, value, at, { server, viewer, words, notify }) {
  const fields = { actionId: element.action_id, ...(value === undefined ? {} : { value }), ...at }
  try {
    const result = await server.act(viewer.id, 'press', fields)
    if (!result.ok) notify(words.pressFailed(result.error), result.why)
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error
    // Pressed twice, or by somebody else before: the button may be gone.
    notify(words.notPressed, error.message)
  }
}

/** @param {Block} element @param {string} query @param {Scene} scene @returns {Promise<Option[]>} */
async function suggest(element, query, { server, viewer }) {
  return server.act(viewer.id, 'suggest', { actionId: element.action_id, query })
}
