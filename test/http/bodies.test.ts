import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { createBodies, type Read } from '../../src/http/bodies.ts'

const MB = 1024 * 1024
setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

/** Bytes that something holds on to. */
function inMemory(): number {
  collect()
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return arrayBuffers + heapUsed
}

/** A request that does not say how large it is, whose parts come when they are sent. */
function createRequest() {
  const stream = Object.assign(new Readable({ read() {} }), { headers: {} })
  return { request: stream as unknown as IncomingMessage, send: (part: Buffer) => stream.emit('data', part) }
}

test('holds no more than 16 MB of all that come at once, and gives up the one that holds most', async () => {
  const bodies = createBodies()
  const refused: (Read & object)[] = []
  const part = Buffer.alloc(900 * 1024)
  const small = createRequest()
  let isSmallOver = false
  void bodies.read(small.request).then(() => {
    isSmallOver = true
  })
  small.send(Buffer.from('a'))
  for (let count = 0; count < 100; count++) {
    const large = createRequest()
    void bodies.read(large.request).then((read) => read && refused.push(read))
    large.send(part)
    expect(bodies.held()).toBeLessThanOrEqual(16 * MB)
  }
  await new Promise(setImmediate)
  expect(refused.length).toBeGreaterThanOrEqual(84)
  expect(new Set(refused.map((read) => 'status' in read && read.status))).toEqual(new Set([503]))
  expect(isSmallOver).toBe(false)
})

test('holds of what comes byte by byte no more than its bytes', () => {
  const bodies = createBodies()
  const { request, send } = createRequest()
  const before = inMemory()
  void bodies.read(request)
  for (let count = 0; count < 200_000; count++) send(Buffer.from('a'))
  expect(bodies.held()).toBeLessThan(MB)
  expect(inMemory() - before).toBeLessThan(4 * MB)
})
