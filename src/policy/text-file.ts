import { readFileSync } from 'node:fs'

/** Reads a text file as UTF-8, or as UTF-16 if it is that, as some Windows editors save it. */
export function readText(path: string): string {
  const bytes = readFileSync(path)
  const [first, second] = bytes
  if (bytes.length % 2 === 0 && bytes.length > 1) {
    if ((first === 0xff && second === 0xfe) || second === 0)
      return bytes.toString('utf16le').replace(/^\uFEFF/, '')
    if ((first === 0xfe && second === 0xff) || first === 0)
      return bytes
        .swap16()
        .toString('utf16le')
        .replace(/^\uFEFF/, '')
  }
  return bytes.toString('utf8').replace(/^\uFEFF/, '')
}

/** The path of a file, unless the text may be a secret in the wrong place. */
export function shownPath(text: string, instead = 'a path that is not shown, as it may be a secret'): string {
  const isPath = /^[\p{L}\p{N} ._~@:/\\-]{1,255}$/u.test(text) && /^\.{0,2}[/\\~]|\.[a-z]{2,6}$/i.test(text)
  const isSecret = looksLikeKey(text) || /xox|xapp|:\/\/|[0-9a-z+]{40}|[^/\\]{65}/i.test(text)
  return isPath && !isSecret ? text : instead
}

/** Whether the text is a key in PEM or base64, written where the path of its file belongs. */
export function looksLikeKey(text: string): boolean {
  return /-----|\bBEGIN \w|PRIVATE KEY|^MI[IE][A-Za-z0-9+/]/.test(text)
}
