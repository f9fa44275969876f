const KEPT = 50

/** What each person typed before, called back with the arrow keys. */
export function createHistory() {
  /** @type {Map<string, string[]>} */
  const all = new Map()
  /** Steps back from the end; 0 is what is being typed. */
  let back = 0
  let unsent = ''

  return {
    /** @param {string} person @param {string} text */
    add(person, text) {
      const before = (all.get(person) ?? []).filter((one) => one !== text)
      all.set(person, [...before, text].slice(-KEPT))
      back = 0
    },
    /**
     * @param {string} person @param {-1 | 1} step -1 is to what was typed before
     * @param {HTMLTextAreaElement} field
     * @returns {string | undefined} undefined where the arrow should only move the caret
     */
    step(person, step, { value, selectionStart }) {
      const texts = all.get(person) ?? []
      const shown = back > 0 ? texts.at(-back) : undefined
      // Who edits a text moves in it; only an empty field, or one just called back, goes on.
      if (value !== '' && value !== shown) {
        back = 0
        if (step > 0 || selectionStart > 0) return undefined
      }
      const next = Math.min(texts.length, back - step)
      if (next < 0 || next === back) return undefined
      if (back === 0) unsent = value
      back = next
      return back === 0 ? unsent : texts.at(-back)
    },
  }
}
