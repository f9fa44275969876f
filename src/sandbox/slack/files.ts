import type { Changes } from './changes.ts'
import { newId, newSecret } from './ids.ts'
import type { SentFile } from './types.ts'

/** A file from the moment at which an app announces it. */
type Kept = {
  id: string
  name: string
  length: number
  /** Null until they came. */
  bytes: Buffer | null
  /** Whether it was put into a conversation, or kept without one. */
  isCompleted: boolean
}
export type Files = ReturnType<typeof createFiles>

const PREVIEWED = 300

/** Files that the app uploads: announced, sent to an address that serves once, and completed. */
export function createFiles({ changes }: { changes: Changes }) {
  const known = new Map<string, Kept>()
  const addresses = new Map<string, Kept>()

  /** @returns the path of the address to which its bytes go. */
  function announce(name: string, length: number): { id: string; path: string } {
    const file = { id: newId('F'), name, length, bytes: null, isCompleted: false }
    const path = `/upload/v1/${newSecret(24)}`
    known.set(file.id, file)
    addresses.set(path, file)
    return { id: file.id, path }
  }

  /** Takes exactly as many bytes as were announced, once. */
  function receive(path: string, bytes: Buffer): { status: number; body: string } {
    const file = addresses.get(path)
    if (!file) return { status: 404, body: 'not found' }
    if (bytes.length !== file.length)
      return { status: 400, body: `${file.length} bytes were announced, ${bytes.length} came` }
    addresses.delete(path)
    file.bytes = bytes
    return { status: 200, body: `OK - ${bytes.length}` }
  }

  /** What was received and not completed yet. */
  const waiting = (id: string): boolean => {
    const file = known.get(id)
    return file !== undefined && file.bytes !== null && !file.isCompleted
  }

  function complete(id: string, title: string | undefined): SentFile {
    const file = known.get(id)
    if (!file?.bytes) throw new Error(`There is no file ${id}.`)
    file.isCompleted = true
    changes.announce()
    const { name, bytes } = file
    return {
      id,
      name,
      title: title ?? name,
      size: bytes.length,
      mimetype: name.endsWith('.csv') ? 'text/csv' : 'application/octet-stream',
      preview: bytes.subarray(0, PREVIEWED).toString().replace('\uFEFF', ''),
    }
  }

  /** What a person downloads; undefined for what is not in any conversation. */
  const read = (id: string): { name: string; bytes: Buffer } | undefined => {
    const file = known.get(id)
    return file?.bytes && file.isCompleted ? { name: file.name, bytes: file.bytes } : undefined
  }

  return { announce, receive, waiting, complete, read }
}
