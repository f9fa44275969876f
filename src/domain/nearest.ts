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

/** The candidate that was probably meant by a mistyped word, or null where none is near. Case and `-` or `_` don't count. */
export function nearest(word: string, candidates: Iterable<string>): string | null {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[-_\s]/g, '')
  const typed = plain(word).slice(0, 100)
  let best: { candidate: string; far: number } | null = null
  for (const candidate of candidates) {
    const far = distance(typed, plain(candidate))
    if (far <= Math.max(1, Math.floor(candidate.length / 3)) && (best === null || far < best.far))
      best = { candidate, far }
  }
  return best?.candidate ?? null
}
