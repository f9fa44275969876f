/** @import { Message, Scene } from './shapes.ts' */

/** @param {string} id @param {Scene} scene @returns {string} */
export function personName(id, { state }) {
  if (id === state.app.botUserId) return state.app.name
  return state.people.find((person) => person.id === id)?.realName ?? id
}

/** @param {string} id @param {Scene} scene @returns {string} */
export function groupHandle(id, { state }) {
  return state.groups.find((group) => group.id === id)?.handle ?? id
}

/** @param {string} id @param {Scene} scene @returns {string} */
export function channelName(id, { state }) {
  const dm = state.people.find((person) => person.dm === id)
  if (dm) return state.app.name
  return [...state.channels, ...state.otherChannels].find((channel) => channel.id === id)?.name ?? id
}

/** @param {Message} message @param {Scene} scene @returns {string} */
export function authorOf(message, scene) {
  return message.bot_id ? scene.state.app.name : personName(message.user ?? '', scene)
}

const COLOURS = 8

/** A colour's number, always the same for one person. @param {string} id */
export function colourOf(id) {
  let sum = 0
  for (const letter of id) sum = (sum * 31 + letter.charCodeAt(0)) % 997
  return sum % COLOURS
}
