/** The parts of a policy that watching needs. */
interface Version {
  hash: string
}

/** What is wrong, as text in each language. */
type Mistakes = Record<'en' | 'zh-CN', string>
type Read<P extends Version> = { ok: true; policy: P } | { ok: false; text: Mistakes }

/**
 * Applies changes of the policy file while the app runs: whole and valid, or not at all. It reads the file every time
 * instead of watching it, because change notifications differ by system and are silent on mounted folders. A new
 * version counts once it was read twice in a row: a file that is half written may be a valid policy without its limits.
 * @param deps.adopt is awaited before the new policy serves, so that its text is stored before it decides anything
 * @returns a task's `run`
 */
export function watchPolicy<P extends Version>(deps: {
  read: () => Read<P>
  current: () => P
  use: (policy: P) => void
  adopt: (policy: P) => Promise<void>
  reportBroken: (mistakes: Mistakes) => Promise<void>
}): () => Promise<number> {
  let last = ''
  let reported = ''
  return async () => {
    const read = deps.read()
    const seen = read.ok ? read.policy.hash : read.text.en
    const isStable = seen === last
    last = seen
    if (read.ok && seen === deps.current().hash) reported = ''
    if (!isStable || seen === reported || seen === deps.current().hash) return 0
    if (read.ok) {
      await deps.adopt(read.policy)
      deps.use(read.policy)
    } else {
      await deps.reportBroken(read.text)
    }
    reported = seen
    return 0
  }
}
