import { padded, widthOf, wrapped } from './width.ts'

/** Columns of a terminal that it is made for. */
export const WIDTH = 100
/** Columns of what stands in a frame. */
export const FRAME_WIDTH = WIDTH - 4

/** How words stand out, where the terminal can; each returns its text unchanged where it can't. */
export interface Paint {
  strong(text: string): string
  faint(text: string): string
  /** What a person does. */
  act(text: string): string
}

export type Transcript = ReturnType<typeof createTranscript>

/** Writes a transcript as lines of text for a person to read. */
export function createTranscript({ write, paint }: { write: (text: string) => void; paint: Paint }) {
  const lines = (all: string[]) => write(`${all.join('\n')}\n`)
  const prose = (text: string) => wrapped(text, WIDTH)

  return {
    heading(title: string, text: string): void {
      lines([paint.strong(title), ...prose(text)])
    },
    /** What begins anew, with a note at the right. */
    section(title: string, note = ''): void {
      const gap = ' '.repeat(Math.max(2, WIDTH - widthOf(title) - widthOf(note)))
      const line = note === '' ? paint.strong(title) : paint.strong(title) + gap + paint.faint(note)
      lines(['', '', line, paint.faint('─'.repeat(WIDTH))])
    },
    /** What happens now. */
    tells(text: string): void {
      lines(['', ...prose(text)])
    },
    /** What a person types. */
    types(text: string): void {
      lines(wrapped(text, FRAME_WIDTH).map((line) => `    ${paint.act(line)}`))
    },
    /** What a person enters, each beside the name of its field. */
    enters(entries: [string, string][]): void {
      const column = Math.max(...entries.map(([name]) => widthOf(name))) + 2
      lines(entries.map(([name, value]) => `    ${padded(name, column)}${paint.act(value)}`))
    },
    /** What a person sees. Open at the right, since not every terminal gives a character the same width. */
    frame(caption: string, inside: string[]): void {
      lines([
        paint.faint(`  ┌─ ${caption}`),
        ...inside.map((line) => `${paint.faint('  │')} ${line}`.trimEnd()),
        paint.faint('  └─'),
      ])
    },
    /** What goes between the app and WeChat Pay. */
    exchange(sent: string[], answered: string[]): void {
      const block = (mark: string, text: string[]) =>
        text.map((line, index) => `  ${paint.faint(index === 0 ? mark : ' ')} ${line}`)
      lines([...block('→', sent), ...block('←', answered)])
    },
    /** What is to be copied: never broken. */
    code(all: string[]): void {
      lines(all.map((line) => `    ${paint.act(line)}`))
    },
  }
}
