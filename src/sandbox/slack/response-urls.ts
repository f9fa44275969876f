import { refusedBlocks } from './blocks/check.ts'
import { newSecret } from './ids.ts'
import type { Messages } from './messages.ts'
import type { Block, Message } from './types.ts'

const USES = 5
const LIFE_MS = 30 * 60_000

/** Where a response_url's answers go: a channel, a person, and the original message if there is one. */
export type ResponseTarget = { channel: string; userId: string; source?: Message }
export type ResponseAnswer = { status: number; body: string | Record<string, unknown> }
export type ResponseUrls = ReturnType<typeof createResponseUrls>

/** Keeps response_urls: each works five times within thirty minutes, whether or not the bot is in the channel. */
export function createResponseUrls({
  messages,
  now,
  teamId,
}: {
  messages: Messages
  now: () => number
  teamId: string
}) {
  const known = new Map<string, { target: ResponseTarget; until: number; left: number }>()

  /** @returns the path of a new response_url. */
  function create(target: ResponseTarget): string {
    const path = `/response/${teamId}/${known.size + 1}/${newSecret(12)}`
    known.set(path, { target, until: now() + LIFE_MS, left: USES })
    return path
  }

  function use(path: string, body: unknown): ResponseAnswer {
    const found = known.get(path)
    if (!found) return refused(404, 'invalid_url')
    if (now() > found.until) return refused(404, 'expired_url')
    if (found.left <= 0) return refused(404, 'used_url')
    if (typeof body !== 'object' || body === null) return refused(400, 'invalid_payload')
    const answer = respond(messages, found.target, body as Record<string, unknown>)
    if (answer.status === 200) found.left -= 1
    return answer
  }

  return { create, use }
}

function respond(messages: Messages, target: ResponseTarget, body: Record<string, unknown>): ResponseAnswer {
  const { source } = target
  if (body.delete_original === true || body.delete_original === 'true') {
    if (!source) return refused(404, 'message_not_found')
    messages.remove(source)
    return { status: 200, body: 'ok' }
  }
  const text = typeof body.text === 'string' ? body.text : ''
  const blocks = Array.isArray(body.blocks) ? (body.blocks as Block[]) : undefined
  if (text === '' && !blocks?.length) return refused(400, 'no_text')
  const wrong = blocks ? refusedBlocks(blocks) : null
  if (wrong)
    return {
      status: 400,
      body: { ok: false, error: wrong.error, response_metadata: { messages: wrong.messages } },
    }
  if (body.replace_original === true || body.replace_original === 'true') {
    if (!source) return refused(404, 'message_not_found')
    // The reader stays the same: whatever response_type says, an ephemeral message can't become public.
    messages.rewrite(source, { text, blocks })
    return { status: 200, body: 'ok' }
  }
  const isPublic = body.response_type === 'in_channel' && source?.onlyFor === undefined
  const thread = typeof body.thread_ts === 'string' ? { thread_ts: body.thread_ts } : {}
  messages.postAsBot({
    channel: target.channel,
    text,
    blocks,
    ...thread,
    ...(isPublic ? {} : { onlyFor: target.userId }),
  })
  return { status: 200, body: 'ok' }
}

function refused(status: number, error: string): ResponseAnswer {
  return { status, body: { ok: false, error } }
}
