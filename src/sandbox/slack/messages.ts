import { asStored } from './blocks/stored.ts'
import type { Changes } from './changes.ts'
import type { Block, Message, Workspace } from './types.ts'

export type MessageDraft = Omit<Message, 'type' | 'ts' | 'blocks' | 'mentioned'> & {
  blocks?: Block[] | undefined
}
export type Messages = ReturnType<typeof createMessages>

/** The DM channel of a person and the app; everybody has one, whether it was opened or not. */
export function dmChannel(userId: string): string {
  return `D${userId.slice(1)}`
}

/** Stores the messages of all channels; `onlyFor` marks ephemeral ones. */
export function createMessages({
  workspace,
  now,
  changes,
}: {
  workspace: Workspace
  now: () => number
  changes: Changes
}) {
  const byChannel = new Map<string, Message[]>()
  let lastTs = 0

  /**
   * A timestamp in microseconds, later than every one before. It identifies a message in its
   * channel, and orders messages and clicks.
   */
  function nextTs(): string {
    lastTs = Math.max(lastTs + 1, Math.floor(now() * 1000))
    return `${Math.floor(lastTs / 1e6)}.${String(lastTs % 1e6).padStart(6, '0')}`
  }

  function stored(channel: string): Message[] {
    let list = byChannel.get(channel)
    if (!list) {
      list = []
      byChannel.set(channel, list)
    }
    return list
  }

  function post(draft: MessageDraft): Message {
    const { blocks, ...rest } = draft
    const message: Message = { type: 'message', ts: nextTs(), ...rest }
    if (blocks && blocks.length > 0) message.blocks = asStored(blocks)
    const mentioned = mentionedIn(message)
    if (mentioned.length > 0) message.mentioned = mentioned
    stored(draft.channel).push(message)
    changes.announce()
    return message
  }

  /** Posts a message as the app's bot. */
  function postAsBot(draft: Omit<MessageDraft, 'user' | 'bot_id' | 'app_id'>): Message {
    const { app } = workspace
    return post({ ...draft, user: app.botUserId, bot_id: app.botId, app_id: app.id })
  }

  /** Replaces text and blocks. As in Slack, without blocks the message loses its old ones. */
  function rewrite(message: Message, change: { text: string; blocks?: Block[] | undefined }): void {
    message.text = change.text
    if (change.blocks && change.blocks.length > 0) message.blocks = asStored(change.blocks)
    else delete message.blocks
    if (message.onlyFor === undefined)
      message.edited = { user: message.user ?? workspace.app.botUserId, ts: nextTs() }
    changes.announce()
  }

  function remove(message: Message): void {
    const list = stored(message.channel)
    const at = list.indexOf(message)
    if (at >= 0) list.splice(at, 1)
    changes.announce()
  }

  return {
    post,
    postAsBot,
    nextTs,
    rewrite,
    remove,
    lasting: (channel: string) => stored(channel).filter((message) => message.onlyFor === undefined),
    /** Includes everybody's ephemeral messages. */
    all: (channel: string): Message[] => [...stored(channel)],
    seenBy: (channel: string, userId: string) =>
      stored(channel).filter((message) => message.onlyFor === undefined || message.onlyFor === userId),
    find: (channel: string, ts: string) => stored(channel).find((message) => message.ts === ts),
  }
}

const MENTION = /<@(\w+)[^>]*>|<!subteam\^(\w+)[^>]*>|<!(channel|here|everyone)[^>]*>/g

/**
 * The ids of people and groups that a message mentions, and `channel`. If it has blocks, only
 * they count, because only they are drawn.
 */
function mentionedIn({ text, blocks }: { text: string; blocks?: Block[] | undefined }): string[] {
  return [...new Set(blocks && blocks.length > 0 ? blocks.flatMap(inNode) : inMrkdwn(text))]
}

function inNode(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(inNode)
  if (typeof node !== 'object' || node === null) return []
  const { type, text, user_id, usergroup_id, range } = node as Block
  const inside = Object.values(node).flatMap(inNode)
  if (type === 'mrkdwn') return inMrkdwn(String(text))
  if (type === 'user') return [String(user_id)]
  if (type === 'usergroup') return [String(usergroup_id)]
  return type === 'broadcast' ? [String(range)] : inside
}

function inMrkdwn(text: string): string[] {
  // Code contains no mentions.
  const said = text.replaceAll(/```[\s\S]+?```|`[^`\n]+`/g, '')
  return [...said.matchAll(MENTION)].map(([, person, group, all]) => person ?? group ?? all ?? '')
}

export type ReadMarks = ReturnType<typeof createReadMarks>

/** How far each person has read each channel and thread: the ts of the last message seen. */
export function createReadMarks({ changes }: { changes: Changes }) {
  const marks = new Map<string, Record<string, string>>()
  return {
    mark(userId: string, channelId: string, ts: string, threadTs?: string): void {
      const own = marks.get(userId) ?? {}
      const place = threadTs === undefined ? channelId : `${channelId}/${threadTs}`
      // If one person has two windows, the one that is behind changes nothing.
      if (Number(own[place] ?? 0) >= Number(ts)) return
      marks.set(userId, { ...own, [place]: ts })
      changes.announce()
    },
    of: (userId: string): Record<string, string> => ({ ...marks.get(userId) }),
  }
}
