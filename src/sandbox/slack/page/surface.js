/** @import { Block, Message, Placed, Scene, Surface, Typed } from './shapes.ts' */
import { RefusedError } from './server.js'

/** ms to wait after typing before sending it to the server. */
const REST = 250

/**
 * Buttons and selects of a message, or of the Home tab.
 * @param {Scene} scene
 * @param {Message} [message]
 * @returns {Surface}
 */
export function pressedAtOnce(scene, message) {
  const at = message ? { messageTs: message.ts, channel: message.channel } : {}
  return {
    kind: message ? 'message' : 'home',
    values: message ? {} : (scene.state.homes[scene.viewer.id]?.state.values ?? {}),
    drafts: new Map(),
    press: (element, value, block) => press(element, value, { ...at, blockId: block.block_id }, scene),
    fill: () => {},
    settle: async () => {},
    suggest: async () => [],
  }
}

/**
 * A modal and what was typed into it. Inputs go to the server one by one, in order, and before any press.
 *
 * @param {() => Scene} sceneNow @returns {Surface}
 */
export function createModalSurface(sceneNow) {
  const person = sceneNow().viewer.id
  /** @type {Map<string, Typed>} */
  let unsent = new Map()
  let timer = 0
  let sending = Promise.resolve()

  function settle() {
    clearTimeout(timer)
    if (unsent.size === 0) return sending
    const values = Object.fromEntries(unsent)
    unsent = new Map()
    sending = sending.then(async () => {
      try {
        await sceneNow().server.act(person, 'fill', { values })
      } catch (error) {
        // The form may be gone, or have other fields by now: then the input has nowhere to go.
        if (!(error instanceof RefusedError)) throw error
      }
    })
    return sending
  }

  /** @type {Surface} */
  const surface = {
    kind: 'modal',
    values: {},
    drafts: new Map(),
    settle,
    async press(element, value, block) {
      await settle()
      await press(element, value, { blockId: block.block_id }, sceneNow())
    },
    fill(key, value) {
      surface.drafts.set(key, value)
      unsent.set(key, value)
      clearTimeout(timer)
      timer = window.setTimeout(() => void settle(), REST)
    },
    async suggest(element, query) {
      const { server } = sceneNow()
      return server.act(person, 'suggest', { actionId: element.action_id, query })
    },
  }
  return surface
}

/** @param {Block} element @param {string | undefined} value @param {object} at @param {Scene} scene */
async function press(element, value, at, { server, viewer, words, notify }) {
  const fields = { actionId: element.action_id, ...(value === undefined ? {} : { value }), ...at }
  try {
    const result = await server.act(viewer.id, 'press', fields)
    if (!result.ok) notify(words.pressFailed(result.error), result.why)
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error
    // The button may be gone: pressed twice, or by somebody else before.
    notify(words.notPressed, error.message)
  }
}

/**
 * Enters a value that was typed or chosen: a modal keeps it for its submission, elsewhere it is an action at once.
 *
 * @param {Placed} placed @param {Typed} value
 */
export function enter({ element, block, surface }, value) {
  if (surface.kind === 'modal') surface.fill(keyOf(block, element), value)
  else void surface.press(element, Array.isArray(value) ? value[0] : (value ?? undefined), block)
}

/**
 * The value of an element: what this window typed, else what the server knows, else the initial value.
 * @param {Placed} placed
 * @returns {Typed}
 */
export function heldBy({ element, block, surface }) {
  const typed = surface.drafts.get(keyOf(block, element))
  if (typed !== undefined) return typed
  const state = surface.values[String(block.block_id)]?.[String(element.action_id)]
  const [, held] = state
    ? (Object.entries(state).find(([key]) => key !== 'type') ?? [])
    : (Object.entries(element).find(([key]) => key.startsWith('initial_')) ?? [])
  return plain(held)
}

/** A text, an option's value, or several of them. @param {any} value @returns {Typed} */
function plain(value) {
  if (value === null || value === undefined) return null
  if (Array.isArray(value)) return value.map((one) => String(plain(one)))
  if (typeof value === 'object') return typeof value.value === 'string' ? value.value : null
  return String(value)
}

/** The name of an input within its view. @param {Block} block @param {Block} element */
function keyOf(block, element) {
  return `${block.block_id}/${element.action_id}`
}
