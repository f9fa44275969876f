/** A policy as far as watching needs it. */
interface Version {
  hash: string
}

/** What is wrong, in lines for people of each language. */
type Mistakes = Record<'en' | 'zh-CN', string>
type Read<P extends Version> = { ok: true; policy: P } | { ok: false; text: Mistakes }

/**
 * Takes up changes of the policy file while the app runs: whole and valid, or not at all. The file is read every time
 * rather than watched, since what tells of changes differs by system and is silent on mounted folders. Something new
 * counts once it was read twice in a row: half a file that is being written may be a valid policy without its limits.
 * @param deps.adopt is awaited before the new policy serves, so that its text is kept before anything is decided by it
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
