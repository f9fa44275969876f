import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Changes } from '../changes.ts'
import { newSecret } from '../ids.ts'
import type { Delivery, Sent, Transport } from './deliver.ts'

const MOST_CONNECTIONS = 10
const TICKET_MS = 30_000
const PING_MS = 5_000
const GOODBYE_MS = 200
const ENVELOPES = {
  command: 'slash_commands',
  interaction: 'interactive',
  options: 'interactive',
  event: 'events_api',
}

export type SocketMode = ReturnType<typeof createSocketMode>

/** Socket Mode: https://docs.slack.dev/apis/events-api/using-socket-mode */
export function createSocketMode({
  appId,
  origin,
  refreshWarningMs,
  changes,
}: {
  appId: string
  origin: () => string
  refreshWarningMs: number
  changes: Changes
}) {
  const server = new WebSocketServer({ noServer: true })
  const tickets = new Map<string, number>()
  const open: WebSocket[] = []
  const waiting = new Map<string, { resolve: (sent: Sent) => void }>()
  const timers = new Set<NodeJS.Timeout>()
  let turn = 0

  /** The address of one new connection, for the answer of apps.connections.open. */
  function newAddress(): string {
    const ticket = newSecret()
    tickets.set(ticket, performance.now() + TICKET_MS)
    return `${origin().replace('http', 'ws')}/link/?ticket=${ticket}&app_id=${appId}`
  }

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const ticket = new URL(request.url ?? '/', 'http://localhost').searchParams.get('ticket') ?? ''
    const until = tickets.get(ticket)
    tickets.delete(ticket)
    const refusal = until === undefined || performance.now() > until ? '401 Unauthorized' : ''
    if (refusal !== '' || open.length >= MOST_CONNECTIONS) {
      socket.end(`HTTP/1.1 ${refusal || '429 Too Many Requests'}\r\nconnection: close\r\n\r\n`)
      return
    }
    server.handleUpgrade(request, socket, head, greet)
  }

  function greet(ws: WebSocket): void {
    open.push(ws)
    changes.announce()
    const pinging = setInterval(() => ws.ping(`Ping from sandbox ${newSecret(4)}`), PING_MS)
    ws.on('close', () => {
      clearInterval(pinging)
      const at = open.indexOf(ws)
      if (at >= 0) open.splice(at, 1)
      changes.announce()
    })
    ws.on('error', () => ws.terminate())
    ws.on('message', (data) => acknowledge(String(data)))
    send(ws, {
      type: 'hello',
      num_connections: open.length,
      debug_info: { host: 'sandbox', build_number: 1, approximate_connection_time: 18060 },
      connection_info: { app_id: appId },
    })
  }

  function acknowledge(text: string): void {
    let ack: { envelope_id?: unknown; payload?: unknown }
    try {
      ack = Object(JSON.parse(text))
    } catch {
      return
    }
    const found = waiting.get(String(ack.envelope_id))
    // Like Slack, drop an acknowledgement that nobody waits for.
    found?.resolve({ ok: true, payload: ack.payload ?? {} })
  }

  /** The connections take turns: each envelope goes to one. */
  function next(): WebSocket | undefined {
    const ready = open.filter((ws) => ws.readyState === ws.OPEN)
    turn += 1
    return ready[turn % Math.max(1, ready.length)]
  }

  const transport: Transport = {
    name: 'socket',
    send(delivery, giveUp, fault) {
      const ws = next()
      if (!ws) return Promise.resolve({ ok: false, why: 'no socket is open' })
      const envelopeId = randomUUID()
      return new Promise((resolve) => {
        const settle = (sent: Sent) => {
          waiting.delete(envelopeId)
          resolve(sent)
        }
        waiting.set(envelopeId, { resolve: settle })
        giveUp.addEventListener('abort', () => settle({ ok: false, why: 'given up' }), { once: true })
        send(ws, envelope(envelopeId, delivery), fault?.name === 'socket_cut' ? cut : undefined)
      })
    },
  }

  /** Asks every connection to reconnect: first a warning, a while later the order to go. */
  function refresh(): void {
    for (const ws of [...open]) {
      disconnect(ws, 'warning')
      const timer = setTimeout(() => {
        timers.delete(timer)
        if (ws.readyState !== ws.OPEN) return
        disconnect(ws, 'refresh_requested')
        ws.close()
      }, refreshWarningMs)
      timers.add(timer)
    }
  }

  function cut(): void {
    for (const ws of [...open]) ws.terminate()
  }

  /** Says goodbye first: a client that is closing too would report a cut connection as an error. */
  async function close(): Promise<void> {
    for (const timer of timers) clearTimeout(timer)
    const gone = [...open].map((ws) => new Promise((resolve) => ws.once('close', resolve)))
    for (const ws of [...open]) ws.close(1001)
    const timer = setTimeout(cut, GOODBYE_MS)
    await Promise.all(gone)
    clearTimeout(timer)
    server.close()
  }

  return { transport, newAddress, upgrade, refresh, cut, close, count: () => open.length }
}

function disconnect(ws: WebSocket, reason: string): void {
  send(ws, { type: 'disconnect', reason, debug_info: { host: 'sandbox' } })
}

function send(ws: WebSocket, content: unknown, then?: () => void): void {
  ws.send(JSON.stringify(content), () => then?.())
}

function envelope(envelopeId: string, { kind, payload, retry }: Delivery): Record<string, unknown> {
  return {
    envelope_id: envelopeId,
    type: ENVELOPES[kind],
    payload,
    accepts_response_payload: kind !== 'event',
    ...(kind === 'event' ? { retry_attempt: retry?.num ?? 0, retry_reason: retry?.reason ?? '' } : {}),
  }
}
