import { setTimeout as sleep } from 'node:timers/promises'
import type { WebClient } from '@slack/web-api'

/** ms; the command is already acknowledged, but nobody waits longer for a link. */
const WITHIN = 3000
const MOST_KEPT = 1000

interface Place {
  channel: string
  ts: string
}

/** Addresses of messages. They never change, so known ones are kept. Null if Slack gives none in time. */
export function createPermalinks(client: WebClient): (place: Place) => Promise<string | null> {
  const kept = new Map<string, string>()
  const ask = async ({ channel, ts }: Place): Promise<string | null> => {
    const { permalink } = await client.chat.getPermalink({ channel, message_ts: ts })
    if (!permalink || !/^https?:\/\/[^\s<>|]+$/.test(permalink)) return null
    const [oldest] = kept.keys()
    if (kept.size >= MOST_KEPT && oldest !== undefined) kept.delete(oldest)
    kept.set(`${channel} ${ts}`, permalink)
    return permalink
  }
  return async (place) => {
    const known = kept.get(`${place.channel} ${place.ts}`)
    if (known !== undefined) return known
    // A link is only a short cut: the list says the same without it.
    return Promise.race([ask(place).catch(() => null), sleep(WITHIN, null, { ref: false })])
  }
}
