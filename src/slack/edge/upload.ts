import { isNobody, slackCode } from './errors.ts'
import type { Edge } from './handlers.ts'

/** Why Slack refused a file. */
export type FileRefused = 'scope' | 'disabled' | 'full' | 'other'

/**
 * Sends a file to a person, in their messages with the app. Never throws: a failure is logged and returned.
 * @returns why it could not be sent; null: it was
 */
export async function sendFile(
  { client, upload, logger }: Pick<Edge, 'client' | 'upload' | 'logger'>,
  { user, name, title, text }: { user: string; name: string; title: string; text: string },
): Promise<FileRefused | null> {
  try {
    const { upload_url, file_id } = await client.files.getUploadURLExternal({
      filename: name,
      length: Buffer.byteLength(text),
    })
    if (!upload_url || !file_id) throw new Error('Slack did not tell where a file goes')
    await upload(upload_url, text)
    // A file goes to a person's channel, not to the person.
    const { channel } = await client.conversations.open({ users: user })
    if (!channel?.id) throw new Error('Slack opened no conversation')
    await client.files.completeUploadExternal({ files: [{ id: file_id, title }], channel_id: channel.id })
    return null
  } catch (error) {
    if (isNobody(error)) return 'other'
    logger.warn({ err: error, code: slackCode(error) }, 'Slack did not take a file')
    return refusedBy(slackCode(error))
  }
}

function refusedBy(code: string | null): FileRefused {
  switch (code) {
    case 'missing_scope':
    case 'no_permission':
      return 'scope'
    case 'file_uploads_disabled':
    case 'file_uploads_except_images_disabled':
      return 'disabled'
    case 'storage_limit_reached':
      return 'full'
    default:
      return 'other'
  }
}
