import { faultNames } from '../plantable-faults.ts'
import type { World } from '../world.ts'
import { acts } from './acts.ts'

/** The text of `GET /sandbox`: how to use the sandbox, for anybody who finds it running. */
export function manual({ workspace, manifest, origin }: World): string {
  const person = workspace.people[0]?.id ?? 'U…'
  const command = [...manifest.commands.keys()][0] ?? '/command'
  const example = JSON.stringify({ person, do: 'command', command, text: 'help' })
  return `A small Slack on this machine. Its page is at ${origin}/ ; all that the page does can be done over HTTP.
Every POST takes JSON with "content-type: application/json" and answers { ok: true, result } or
{ ok: false, error, field? }: the error in words, and the field of the body that is wrong.
A person is a member id, for example ${person}.

What there is
  GET  /sandbox/state                   people, groups, channels, messages, views; with ?person={id} what that
                                        person sees
  GET  /sandbox/traffic                 all calls and deliveries, both ways; with ?after={id} those after that one
  GET  /sandbox/events                  a stream of "changed"
  GET  /sandbox/tokens                  what an app needs to meet this Slack; made up anew at every start
What a person does
  POST /sandbox/act                     { person, do, … }, where do is one of
${Object.entries(acts).map(actLine).join('\n')}
Faults, for the next calls or deliveries that fit
  GET  /sandbox/faults                  the planted ones
  POST /sandbox/faults                  { name, times?, method?, channel?, kind?, acted?, retryAfter?, error? }
                                        name: ${lines(faultNames, 5).join(`\n${' '.repeat(46)}`)}
  POST /sandbox/faults/clear
  POST /sandbox/sockets/refresh         asks every socket to connect again, as Slack does every few hours
  POST /sandbox/sockets/cut             cuts every socket
The clock of message times and expiries; signatures, triggers and rates go by the real one
  GET  /sandbox/clock                   { now, ahead }, both in ms
  POST /sandbox/clock                   { forwardMs }
The WeChat Pay that runs beside, as far as the page shows it
  GET  /sandbox/wechatpay
  POST /sandbox/wechatpay/faults            as that stand-in describes them
  POST /sandbox/wechatpay/faults/clear
  POST /sandbox/wechatpay/coupon            { id, change }

For example:
  curl -H 'content-type: application/json' -d '${example}' \\
    ${origin}/sandbox/act
  curl '${origin}/sandbox/state?person=${person}'
`
}

function actLine([name, { takes, does }]: [string, (typeof acts)[keyof typeof acts]]): string {
  const fields = takes.length > 0 ? `{ ${takes.join(', ')} }` : ''
  const start = `    ${name.padEnd(9)}${fields}`
  return start.length < 39 ? `${start.padEnd(40)}${does}` : `${start}\n${' '.repeat(40)}${does}`
}

function lines(words: readonly string[], each: number): string[] {
  const rest = words.slice(each)
  return [words.slice(0, each).join(' '), ...(rest.length > 0 ? lines(rest, each) : [])]
}
