import type { Socket } from 'node:net'

/** Bytes; what is no answer after so many is not waited for. */
const LONGEST_INTERIM = 64 * 1024
const NOTHING = Buffer.alloc(0)

/**
 * Takes informational answers (100 Continue and its like) out of what a connection reads, as undici breaks off at a 100
 * that it has not asked for. A client must be able to read one or more of them before an answer:
 * https://www.rfc-editor.org/rfc/rfc9110#section-15.2
 */
export function passingOverInterim(socket: Socket): Socket {
  const read = socket.read.bind(socket)
  const write = socket.write.bind(socket) as (...all: unknown[]) => boolean
  let isAnswerDue = false
  let held: Buffer = NOTHING
  socket.write = (...all: unknown[]) => {
    isAnswerDue = true
    return write(...all)
  }
  socket.read = (size?: number) => {
    for (;;) {
      const chunk: Buffer | null = read(size)
      if (chunk === null || !isAnswerDue) return chunk
      held = withoutInterim(Buffer.concat([held, chunk]))
      if (isInterim(held)) continue
      const answer = held
      held = NOTHING
      isAnswerDue = false
      return answer
    }
  }
  return socket
}

/** Without those that are whole. */
function withoutInterim(bytes: Buffer): Buffer {
  for (let rest = bytes; ; ) {
    const end = isInterim(rest) ? rest.indexOf('\r\n\r\n') : -1
    if (end < 0) return rest
    rest = rest.subarray(end + 4)
  }
}

/** Whether it is the beginning of an informational answer, or may become one; 101 is none, as no HTTP follows it. */
function isInterim(bytes: Buffer): boolean {
  if (bytes.length > LONGEST_INTERIM) return false
  const start = bytes.toString('latin1', 0, 12)
  return start.length === 12
    ? /^HTTP\/1\.[01] 1(?!01)[0-9]{2}$/.test(start)
    : 'HTTP/1.'.startsWith(start.slice(0, 7))
}
