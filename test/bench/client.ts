import { generateKeyPairSync } from 'node:crypto'
import type { Ask, Kind, Measured, Merchant } from './client/messages.ts'
import { type Answering, startAnswering } from './processes.ts'
import { type Result, resultOf } from './results.ts'
import { inTurns, type Pace } from './rounds.ts'

export const about = `client: issues a coupon (POST, its signature and that of the answer checked) at a server in a process of its own,
  whose answers are signed before. Ours: all that it does in the app. Other: an undici pool that signs and verifies
  on the event loop with its keys as PEM text, as most clients do; "prepared": the same with keys read once.
  Event-loop delay: monitorEventLoopDelay, looking every 1 ms, in the client's process.`

const TURN = 500
const callers = [1, 16, 64]

/** Compares the client with a plain one, at 1, 16 and 64 concurrent calls. */
export async function benchClient(pace: Pace): Promise<Result[]> {
  const processes: Answering[] = []
  const begin = (file: string) => {
    const process = startAnswering(new URL(file, import.meta.url))
    processes.push(process)
    return process
  }
  try {
    const merchant = await startServer(begin('client/answering-process.ts'))
    const clientOf = async (kind: Kind) => {
      const client = begin('client/calling-process.ts')
      await client.ask('be', { kind, merchant })
      return (ask: Ask) => client.ask<Measured>('measure', ask)
    }
    const ours = await clientOf('ours')
    const plain = await clientOf('plain, keys as text')
    const prepared = await clientOf('plain, keys prepared')
    const results: Result[] = []
    for (const concurrency of callers) {
      const ask = { concurrency, milliseconds: TURN * pace.scale }
      const most = concurrency === 64
      const measured = await inTurns(pace, { ours: () => ours(ask), other: () => plain(ask) })
      const name = `${concurrency} at a time`
      results.push(
        resultOf(
          {
            part: 'client',
            name: `calls a second, ${name}`,
            unit: '/s',
            ...(most ? { bound: { is: 'at least', goal: 1.4, floor: 1.25 } } : {}),
          },
          pick(measured, 'callsASecond'),
        ),
        resultOf(
          {
            part: 'client',
            name: `event-loop delay p99, ${name}`,
            unit: 'ms',
            ...(most ? { bound: { is: 'at most', goal: 0.7, floor: 0.85 } } : {}),
          },
          pick(measured, 'delayP99'),
        ),
      )
      if (!most) continue
      const against = await inTurns(pace, { ours: () => ours(ask), other: () => prepared(ask) })
      results.push(
        resultOf(
          { part: 'client', name: `calls a second, ${name}, prepared`, unit: '/s' },
          pick(against, 'callsASecond'),
        ),
        resultOf(
          { part: 'client', name: `event-loop delay p99, ${name}, prepared`, unit: 'ms' },
          pick(against, 'delayP99'),
        ),
      )
    }
    return results
  } finally {
    await Promise.all(processes.map((process) => process.end()))
  }
}

async function startServer(server: Answering): Promise<Merchant> {
  const keys = () =>
    generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    })
  const platform = keys()
  const publicKeyId = 'PUB_KEY_ID_0000000000000024101100397200000006'
  const baseUrl = await server.ask<string>('serve', { privateKey: platform.privateKey, publicKeyId })
  return {
    baseUrl,
    mchid: '9800064',
    merchantSerial: '1DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C',
    privateKey: keys().privateKey,
    publicKeyId,
    publicKey: platform.publicKey,
  }
}

function pick({ ours, other }: { ours: Measured[]; other: Measured[] }, figure: keyof Measured) {
  return { ours: ours.map((one) => one[figure]), other: other.map((one) => one[figure]) }
}
