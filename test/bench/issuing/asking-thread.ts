import { parentPort, workerData } from 'node:worker_threads'
import { monotonic } from './monotonic.ts'

/**
 * Tells its parent when to ask, again and again, by sending the current time.
 *
 * It is a thread because a timer in the parent is up to a millisecond early or late, which is more than most commits
 * take, and because Slack doesn't wait until the app has time either. It keeps no fixed beat because issuing has one:
 * asks in step with it would all meet its commits in one slice of time, and none of them in the next.
 */
const { every } = workerData as { /** ms, on average */ every: number }
const never = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
for (let due = monotonic(); ; due += every * (0.5 + Math.random())) {
  Atomics.wait(never, 0, 0, Math.max(0, due - monotonic()))
  parentPort?.postMessage(monotonic())
}
