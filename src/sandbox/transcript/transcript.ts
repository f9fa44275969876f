import { padded, widthOf, wrapped } from './width.ts'

/** Columns of the terminal that the transcript is made for. */
export const WIDTH = 100
/** Columns inside a frame. */
export const FRAME_WIDTH = WIDTH - 4

/** How words stand out, if the terminal can show it; otherwise each returns its text unchanged. */
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
    /** Begins a new section, with a note at the right. */
    section(title: string, note = ''): void {
      const gap = ' '.repeat(Math.max(2, WIDTH - widthOf(title) - widthOf(note)))
      const line = note === '' ? paint.strong(title) : paint.strong(title) + gap + paint.faint(note)
      lines(['', '', line, paint.faint('─'.repeat(WIDTH))])
    },
    /** Narrates what happens now. */
    tells(text: string): void {
      lines(['', ...prose(text)])
    },
    /** Shows what a person types. */
    types(text: string): void {
      lines(wrapped(text, FRAME_WIDTH).map((line) => `    ${paint.act(line)}`))
    },
    /** Shows what a person enters, each value beside its field's name. */
    enters(entries: [string, string][]): void {
      const column = Math.max(...entries.map(([name]) => widthOf(name))) + 2
      lines(entries.map(([name, value]) => `    ${padded(name, column)}${paint.act(value)}`))
    },
    /** Shows what a person sees. The right side is open, because terminals differ in the width of characters. */
    frame(caption: string, inside: string[]): void {
      lines([
        paint.faint(`  ┌─ ${caption}`),
        ...inside.map((line) => `${paint.faint('  │')} ${line}`.trimEnd()),
        paint.faint('  └─'),
      ])
    },
    /** Shows a request of the app to WeChat Pay and its answer. */
    exchange(sent: string[], answered: string[]): void {
      const block = (mark: string, text: string[]) =>
        text.map((line, index) => `  ${paint.faint(index === 0 ? mark : ' ')} ${line}`)
      lines([...block('→', sent), ...block('←', answered)])
    },
    /** Shows lines to copy; never breaks them. */
    code(all: string[]): void {
      lines(all.map((line) => `    ${paint.act(line)}`))
    },
  }
}
