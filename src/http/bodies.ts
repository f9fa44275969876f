import type { IncomingMessage } from 'node:http'

/** What is posted, whole; or with which status it is refused; null: whoever sent it has gone. */
export type Read = { body: Buffer } | { status: 413 | 503 } | null

/** Bytes of one body: what Slack sends of a form is at most some 300 kB. */
const MOST = 1024 * 1024
/** Bytes of all bodies that are being read: whether Slack sent them is known only at their end. */
const MOST_TOGETHER = 16 * MOST
const FIRST = 16 * 1024

/**
 * Reads bodies of whoever can reach the port, so what they hold of the memory is bounded, however many come how slowly.
 * Where there are too many, the one that holds most is given up: those of Slack are small, and soon whole.
 */
export function createBodies(limits: { most?: number; mostTogether?: number } = {}) {
  const { most = MOST, mostTogether = MOST_TOGETHER } = limits
  const reading = new Map<IncomingMessage, { held: number; giveUp(): void }>()
  let together = 0

  function makeRoom(): void {
    while (together > mostTogether) {
      const largest = [...reading.values()].reduce((one, other) => (other.held > one.held ? other : one))
      largest.giveUp()
    }
  }

  return {
    /** How many bytes are held for bodies that have not come whole. */
    held: () => together,
    read(request: IncomingMessage): Promise<Read> {
      // What it says of its length only tells that it can't be taken: it may say less than it sends, or nothing.
      if (Number(request.headers['content-length'] ?? 0) > most) return Promise.resolve({ status: 413 })
      return new Promise((resolve) => {
        // One buffer that grows: a chunk may be a single byte, and an object for each would hold a hundred times that.
        let buffer = Buffer.allocUnsafeSlow(0)
        let length = 0
        const mine = { held: 0, giveUp: () => end({ status: 503 }) }
        reading.set(request, mine)
        const end = (read: Read) => {
          if (!reading.delete(request)) return
          together -= mine.held
          buffer = Buffer.allocUnsafeSlow(0)
          request.off('data', take)
          resolve(read)
        }
        const take = (chunk: Buffer) => {
          const needed = length + chunk.length
          if (needed > most) return end({ status: 413 })
          if (needed > buffer.length) {
            const larger = Buffer.allocUnsafeSlow(Math.min(most, Math.max(FIRST, 2 * needed)))
            buffer.copy(larger, 0, 0, length)
            buffer = larger
            together += larger.length - mine.held
            mine.held = larger.length
          }
          chunk.copy(buffer, length)
          length = needed
          makeRoom()
        }
        request.on('data', take)
        request.once('end', () => end({ body: buffer.subarray(0, length) }))
        request.once('error', () => end(null))
        request.once('close', () => end(null))
      })
    },
  }
}
