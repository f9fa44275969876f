/** Longer words are nobody's slip, and would take long to compare. */
const MAX_WORD = 100
const MOST_CANDIDATES = 500

/**
 * The candidate that was probably meant by a mistyped word, or null where none is near. Case and `-` or `_` don't count.
 * Of many candidates the first are looked at.
 */
export function didYouMean(word: string, candidates: Iterable<string>): string | null {
  const plain = (text: string) =>
    text
      .slice(0, MAX_WORD)
      .toLowerCase()
      .replaceAll(/[-_\s]/g, '')
  if (word.length > MAX_WORD) return null
  const typed = plain(word)
  let best: { candidate: string; far: number } | null = null
  let looked = 0
  for (const candidate of candidates) {
    if (++looked > MOST_CANDIDATES) break
    const other = plain(candidate)
    const most = Math.max(1, Math.floor(Math.min(candidate.length, MAX_WORD) / 3))
    if (Math.abs(other.length - typed.length) > most) continue
    const far = distance(typed, other)
    if (far <= most && (best === null || far < best.far)) best = { candidate, far }
  }
  return best?.candidate ?? null
}

/** How many letters must be added, removed, changed or swapped with their neighbour to make one word of the other. */
function distance(one: string, other: string): number {
  const rows: number[][] = [Array.from({ length: other.length + 1 }, (_, index) => index)]
  for (let i = 1; i <= one.length; i++) {
    const row = [i]
    for (let j = 1; j <= other.length; j++) {
      const change = one[i - 1] === other[j - 1] ? 0 : 1
      const swapped = one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]
      row.push(
        Math.min(
          at(rows, i - 1, j) + 1,
          (row[j - 1] ?? 0) + 1,
          at(rows, i - 1, j - 1) + change,
          swapped ? at(rows, i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      )
    }
    rows.push(row)
  }
  return at(rows, one.length, other.length)
}

function at(rows: number[][], i: number, j: number): number {
  return rows[i]?.[j] ?? Number.POSITIVE_INFINITY
}
