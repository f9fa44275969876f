import type { World } from '../world.ts'

/** The texts that Slack turns into a link or a mention. Names and addresses begin at the beginning of a word. */
const LINKED =
  /(?<![\p{L}\p{N}_@#/.])(?:(?<url>https?:\/\/[^\s<>]+)|(?<www>www\.[^\s<>.]+\.[^\s<>]+)|(?<mail>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)|@(?<name>[\w.-]+)|#(?<channel>[\p{L}\p{N}_-]+))/giu
/** Punctuation at the end of a sentence is no part of an address. */
const AFTER_ADDRESS = /(?:[.,;:!?'")\]]|&gt;)+$/

/**
 * Typed text as Slack stores it, and sends it for a command with `should_escape`: only links and
 * mentions that Slack knows become markup.
 */
export function asEscaped(typed: string, { workspace }: World): string {
  const text = typed.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return text.replace(LINKED, (...match) => {
    const whole = match[0] as string
    const { url, www, mail, name, channel } = match.at(-1) as Record<string, string | undefined>
    if (url) return around(url, (address) => `<${address}>`)
    if (www) return around(www, (address) => `<http://${address}|${address}>`)
    if (mail) return `<mailto:${mail}|${mail}>`
    if (name) return around(name, (handle) => mention(handle, workspace) ?? `@${handle}`)
    const found = workspace.channels.find((one) => one.name === channel)
    return found ? `<#${found.id}|${found.name}>` : whole
  })
}

function around(found: string, marked: (found: string) => string): string {
  const after = AFTER_ADDRESS.exec(found)?.[0] ?? ''
  return marked(found.slice(0, found.length - after.length)) + after
}

function mention(name: string, { people, groups }: World['workspace']): string | undefined {
  if (['here', 'channel', 'everyone'].includes(name)) return `<!${name}>`
  const person = people.find((one) => one.name === name)
  if (person) return `<@${person.id}|${name}>`
  const group = groups.find((one) => one.handle === name)
  return group && `<!subteam^${group.id}|@${name}>`
}
