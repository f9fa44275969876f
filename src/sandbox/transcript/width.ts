/** Text in a terminal, where a Chinese character takes two columns. */

const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u
const invisible = /[\p{Mn}\p{Me}\p{Cf}]/u
/** No line ends with an `opening` one, and none begins with a `closing` one. */
const opening = /[（“‘《「【([]/u
const closing = /[，。、；：？！）”’》」】…)\],.;:?!%]/u

/** Columns that a one-line text takes. */
export function widthOf(text: string): number {
  let width = 0
  for (const character of text) width += wide.test(character) ? 2 : invisible.test(character) ? 0 : 1
  return width
}

/** The text, padded with spaces to this many columns. */
export function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)))
}

/** Wraps a text to lines of at most `width` columns; cuts a word only if it alone is wider. */
export function wrapped(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => wrappedLine(line, width))
}

function wrappedLine(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  const fits = (more: string) => widthOf(line) + widthOf(more.trimEnd()) <= width
  const begin = (next: string) => {
    if (line !== '') lines.push(line.trimEnd())
    line = next
  }
  // Keep each fact of a row whole if possible; Slack apps join facts with a dot.
  for (const fact of text.split(/(?<= · )/)) {
    if (!fits(fact) && widthOf(fact.trimEnd()) <= width) begin('')
    for (const word of wordsOf(fact)) {
      if (fits(word)) line += word
      else if (word.trim() === '') begin('')
      else {
        const pieces = cutAt(word, width)
        for (const piece of pieces) begin(piece)
      }
    }
  }
  return [...lines, line.trimEnd()]
}

/** The units that may not be split: a Latin word or a Chinese character, each with its punctuation. */
function wordsOf(text: string): string[] {
  const words: string[] = []
  let before = ''
  for (const character of text) {
    if (before === '' || mayBreak(before, character)) words.push(character)
    else words[words.length - 1] += character
    before = character
  }
  return words
}

function mayBreak(before: string, after: string): boolean {
  const [isSpace, wasSpace] = [after.trim() === '', before.trim() === '']
  if (isSpace || wasSpace) return isSpace !== wasSpace
  return (wide.test(before) || wide.test(after)) && !closing.test(after) && !opening.test(before)
}

function cutAt(word: string, width: number): string[] {
  const pieces: string[] = []
  let piece = ''
  for (const character of word) {
    if (piece !== '' && widthOf(piece + character) > width) {
      pieces.push(piece)
      piece = ''
    }
    piece += character
  }
  return [...pieces, piece]
}
