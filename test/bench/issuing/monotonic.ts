/** ms by a clock that all threads of a process share; `performance.now()` differs between threads. */
export function monotonic(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
