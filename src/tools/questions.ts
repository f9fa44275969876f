import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'

/**
 * Asks at a terminal, or reads answers line by line from a pipe.
 * Hides what is typed for a secret: readline echoes through its own output, which is closed meanwhile.
 */
export function askBy(input: NodeJS.ReadStream, output: NodeJS.WriteStream) {
  let isSilent = false
  const echo = new Writable({
    write(chunk, _encoding, done) {
      if (!isSilent) output.write(chunk)
      done()
    },
  })
  const lines = createInterface({ input, output: echo, terminal: input.isTTY === true })
  const typed: string[] = []
  let wanted: ((line: string | null) => void) | null = null
  let hasEnded = false
  const give = (line: string | null) => {
    const waiting = wanted
    wanted = null
    waiting?.(line)
  }
  lines.on('line', (line) => {
    if (wanted) give(line)
    else typed.push(line)
  })
  lines.on('close', () => {
    hasEnded = true
    give(null)
  })
  return {
    async ask(question: string, { isSecret }: { isSecret: boolean }): Promise<string | null> {
      output.write(question)
      isSilent = isSecret
      const line =
        typed.shift() ??
        (hasEnded
          ? null
          : await new Promise<string | null>((resolve) => {
              wanted = resolve
            }))
      isSilent = false
      if (isSecret && input.isTTY) output.write('\n')
      return line
    },
    close: () => lines.close(),
  }
}
