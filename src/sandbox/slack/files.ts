import type { Changes } from './changes.ts'
import { newId, newSecret } from './ids.ts'
import type { SentFile } from './types.ts'

/** A file, from the app's announcement on. */
type Kept = {
  id: string
  name: string
  length: number
  /** Null until they have arrived. */
  bytes: Buffer | null
  /** Whether the upload was completed, with or without a conversation. */
  isCompleted: boolean
}
export type Files = ReturnType<typeof createFiles>

const PREVIEWED = 300

/** Keeps the files that the app uploads: the app announces each, sends it to a one-time address, and completes it. */
export function createFiles({ changes }: { changes: Changes }) {
  const known = new Map<string, Kept>()
  const addresses = new Map<string, Kept>()

  /** @returns the path of the upload address. */
  function announce(name: string, length: number): { id: string; path: string } {
    const file = { id: newId('F'), name, length, bytes: null, isCompleted: false }
    const path = `/upload/v1/${newSecret(24)}`
    known.set(file.id, file)
    addresses.set(path, file)
    return { id: file.id, path }
  }

  /** Accepts exactly as many bytes as were announced, once. */
  function receive(path: string, bytes: Buffer): { status: number; body: string } {
    const file = addresses.get(path)
    if (!file) return { status: 404, body: 'not found' }
    if (bytes.length !== file.length)
      return { status: 400, body: `${file.length} bytes were announced, ${bytes.length} came` }
    addresses.delete(path)
    file.bytes = bytes
    return { status: 200, body: `OK - ${bytes.length}` }
  }

  /** Whether the file has arrived and is not completed yet. */
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

  /** The file that a person downloads; undefined if it is in no conversation. */
  const read = (id: string): { name: string; bytes: Buffer } | undefined => {
    const file = known.get(id)
    return file?.bytes && file.isCompleted ? { name: file.name, bytes: file.bytes } : undefined
  }

  return { announce, receive, waiting, complete, read }
}
