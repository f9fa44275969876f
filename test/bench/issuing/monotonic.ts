/** ms by a clock that all threads of a process share; each has a `performance.now()` of its own. */
export function monotonic(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
