/** A clock that people can move. */
export type Clock = {
  /** Epoch ms. */
  now(): number
  shift(ms: number): void
  /** How far it is ahead of the real clock, in ms. */
  ahead(): number
}

/** @param real epoch ms */
export function createClock(real: () => number): Clock {
  let shift = 0
  return {
    now: () => real() + shift,
    shift(ms) {
      shift += ms
    },
    ahead: () => shift,
  }
}
