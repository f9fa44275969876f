import type { World } from '../world.ts'
import { ApiError, withMessages } from './arguments.ts'
import { writable } from './chat-methods.ts'
import { type Method, TIER } from './method.ts'

/** Ids of conversations; unlike `chat.postMessage`, these methods refuse a person's id. */
const CONVERSATION = /^[CGD][0-9A-Z]+$/

/** files.*: https://docs.slack.dev/messaging/working-with-files#uploading_files */
export const fileMethods: Record<string, Method> = {
  'files.getUploadURLExternal': {
    scope: 'files:write',
    perMinute: TIER.four,
    run(args, world) {
      const name = args.text('filename')
      const length = Number(args.text('length'))
      if (!Number.isInteger(length) || length <= 0)
        throw withMessages('invalid_arguments', ['[ERROR] must be greater than 0 [json-pointer:/length]'])
      const { id, path } = world.files.announce(name, length)
      return { upload_url: `${world.origin}${path}`, file_id: id }
    },
  },
  'files.completeUploadExternal': {
    scope: 'files:write',
    perMinute: TIER.four,
    run(args, world) {
      const files = filesIn(args.json('files'))
      for (const { id } of files) if (!world.files.waiting(id)) throw new ApiError('file_not_found')
      const channel = args.optionalText('channel_id')
      if (channel !== undefined && !CONVERSATION.test(channel)) throw new ApiError('invalid_channel')
      const place = channel === undefined ? undefined : writable(args, world, 'channel_id')
      const completed = files.map(({ id, title }) => world.files.complete(id, title))
      if (place) share(world, place.id, args.optionalText('initial_comment') ?? '', completed)
      return { files: completed.map(({ id, title }) => ({ id, title })) }
    },
  },
}

function share(world: World, channel: string, text: string, files: ReturnType<World['files']['complete']>[]) {
  world.messages.postAsBot({ channel, text, files })
}

function filesIn(given: unknown): { id: string; title: string | undefined }[] {
  const list = Array.isArray(given) ? given : []
  const files = list.map((one) => Object(one) as Record<string, unknown>)
  if (files.length === 0 || files.some(({ id }) => typeof id !== 'string'))
    throw withMessages('invalid_arguments', ['[ERROR] must be a list of files [json-pointer:/files]'])
  return files.map(({ id, title }) => ({
    id: String(id),
    title: typeof title === 'string' ? title : undefined,
  }))
}
