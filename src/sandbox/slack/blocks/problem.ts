export type Surface = 'message' | 'modal' | 'home'

/** One thing that Slack would refuse, in the form that `response_metadata.messages` has. */
export function problem(what: string, pointer: string): string {
  return `[ERROR] ${what} [json-pointer:${pointer}]`
}
