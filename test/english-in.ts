/** Names, units and commands that stay English in Chinese texts. */
const names = new Set(
  'Slack YAML IANA ID KB UTF https http openid appid fen URL true false en zh-CN'.split(' '),
)

/**
 * Finds English words in a text that should be Chinese, outside quotes and
 * brackets, commands, paths, ids and `key: value`.
 * @param keys words that the text may contain
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
