import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import tls from 'node:tls'
import { makeCertificate } from '../../src/sandbox/wechatpay/certificates.ts'

const DAY = 86_400_000

/** Shared by all certificates, because making a key takes a moment. */
let privateKey: KeyObject | undefined

/** A self-signed certificate for this name, and its key. */
export function certificateOf(name: string): { key: string; cert: string } {
  privateKey ??= generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  const [from, until] = [Date.now() - DAY, Date.now() + DAY]
  return {
    key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    cert: makeCertificate({ privateKey, commonName: name, organization: 'test', from, until }),
  }
}

/** Starts a server on 127.0.0.1 that plays these public hosts; this process trusts its certificates while it runs. */
export async function startTlsServer(
  names: readonly string[],
  listener: RequestListener,
): Promise<{ port: number; server: Server; close(): Promise<void> }> {
  const certified = names.map((name) => ({ name, ...certificateOf(name) }))
  const before = tls.getCACertificates('default')
  tls.setDefaultCACertificates([...before, ...certified.map(({ cert }) => cert)])
  const server = createServer(
    {
      ...certified[0],
      SNICallback: (asked, done) =>
        done(null, tls.createSecureContext(certified.find(({ name }) => name === asked))),
    },
    listener,
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    server,
    async close() {
      tls.setDefaultCACertificates(before)
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
