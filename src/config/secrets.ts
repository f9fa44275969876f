import { inspect } from 'node:util'

/** The same object, printed without the values of these keys. A copy made by spreading is printed in full. */
export function hiding<T extends object>(value: T, secrets: readonly (keyof T)[]): T {
  const shown = () =>
    Object.fromEntries(
      Object.entries(value).map(([key, part]) => [key, secrets.includes(key as keyof T) ? '[hidden]' : part]),
    )
  return Object.defineProperties(value, {
    toJSON: { value: shown },
    [inspect.custom]: { value: shown },
  })
}

/** A proxy's password: as written in the address, decoded, and as sent. */
export function proxySecrets({ username, password }: URL): string[] {
  if (password === '') return []
  const sent = Buffer.from(`${decoded(username)}:${decoded(password)}`).toString('base64')
  return [password, decoded(password), sent]
}

/** A part of an address without its percent-encoding. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
