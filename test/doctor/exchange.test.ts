import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createExchange } from '../../src/doctor/index.ts'
import { scopes } from '../../src/doctor/slack.ts'

const manifest = JSON.parse(readFileSync(new URL('../../manifest/manifest.json', import.meta.url), 'utf8'))

async function exchanged(url: string, proxy?: string) {
  const { exchange, close } = createExchange(proxy === undefined ? undefined : { url: proxy })
  onTestFinished(close)
  return exchange({ url })
}

/** A server on this machine that answers every request with this status. */
async function serverOf(status: number): Promise<string> {
  const server = createServer((_, response) => response.writeHead(status).end('<html>'))
  server.on('connect', (_, socket) => socket.end(`HTTP/1.1 ${status} No\r\n\r\n<html>`))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('tells apart a name that is not known, a refused connection, and what does not speak TLS', async () => {
  expect(await exchanged('https://no-such-host.invalid/')).toMatchObject({ kind: 'away', why: 'dns' })
  expect(await exchanged('http://127.0.0.1:1/')).toMatchObject({ why: 'refused', detail: 'ECONNREFUSED' })
  const plain = await serverOf(200)
  expect(await exchanged(plain.replace('http:', 'https:'))).toMatchObject({ kind: 'away', why: 'tls' })
})

test('tells that a proxy stands in the way, and which one, without its password', async () => {
  const refusing = await serverOf(407)
  const proxy = refusing.replace('//', '//user:secret@')
  const asked = await exchanged('https://slack.com/api/', proxy)
  expect(asked).toMatchObject({ kind: 'away', why: 'proxy', proxy: refusing, detail: 'HTTP 407' })
  expect(JSON.stringify(asked)).not.toContain('secret')
  expect(await exchanged('https://slack.com/api/', 'http://127.0.0.1:1')).toMatchObject({ why: 'proxy' })
  // It lets through, and answers with a page all the same.
  const page = await serverOf(200)
  expect(await exchanged('https://slack.com/api/', page)).toMatchObject({ why: 'proxy', proxy: page })
})

test('asks for every scope of the manifest', () => {
  expect([...scopes.needed, ...scopes.optional].sort()).toEqual(manifest.oauth_config.scopes.bot)
})
