import type { IncomingMessage } from 'node:http'

/** A whole posted body; or the status with which it is refused; null: the sender has gone. */
export type Read = { body: Buffer } | { status: 413 | 503 } | null

/** Bytes of one body: Slack sends at most some 300 kB for a form. */
const MOST = 1024 * 1024
/** Bytes of all bodies being read: only at its end is it known whether Slack sent a body. */
const MOST_TOGETHER = 16 * MOST
const FIRST = 16 * 1024

/**
 * Reads bodies from anybody who can reach the port, so the memory they hold is bounded, however many arrive and however
 * slowly. If there are too many, the one that holds most is dropped: Slack's are small, and soon complete.
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
    /** How many bytes incomplete bodies hold. */
    held: () => together,
    read(request: IncomingMessage): Promise<Read> {
      // The header can only show that a body is too large: the sender may send more than it says, or say nothing.
      if (Number(request.headers['content-length'] ?? 0) > most) return Promise.resolve({ status: 413 })
      return new Promise((resolve) => {
        // One buffer that grows: a chunk may be a single byte, and an object for each would take a hundred times that.
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
