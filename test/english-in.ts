/** Names, units and commands that Chinese texts have as they are. */
const names = new Set(
  'Slack YAML IANA ID KB UTF https http openid appid fen URL true false en zh-CN'.split(' '),
)

/**
 * English words in a text that is to be Chinese: not what stands in quotes or brackets, nor commands, paths, ids and
 * `key: value`.
 * @param keys that the text may name
 */
export function englishIn(text: string, keys: readonly string[] = []): string[] {
  const prose = text
    .replace(/\{[^}]*\}|\[[^\]]*\]|'[^']*'|"[^"]*"|`[^`]*`|“[^”]*”|\([A-Z]+\)/g, ' ')
    .replace(/(?:openssl|node|npm) [^\p{Script=Han}]*/gu, ' ')
    .replace(/[a-z]+-(?=…)/g, ' ')
    .replace(/[\w./:@*&=-]*[./:@_*&=0-9][\w./:@*&=-]*/g, ' ')
  const words = prose.match(/[A-Za-z][A-Za-z-]+/g) ?? []
  return words.filter((word) => !names.has(word) && !keys.includes(word))
}
