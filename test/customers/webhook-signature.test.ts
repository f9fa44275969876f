import { expect, test } from 'vitest'
import { readSecret, signatureFault, signedHeaders } from '../../src/customers/webhook-signature.ts'

/** Of the libraries of Standard Webhooks. */
const key = readSecret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')
const id = 'msg_p5jXN8AQM9LWM0D4loKWxJek'
const seconds = 1614265330
const body = '{"test": 2432232314}'
const signature = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='

function fault(change: Record<string, string | undefined> = {}, now = seconds * 1000, of = id) {
  const headers: Record<string, string | undefined> = {
    ...signedHeaders(key, { id, seconds, body }),
    ...change,
  }
  return signatureFault(key, { id: of, header: (name) => headers[name], body: Buffer.from(body) }, now)
}

test('signs as the libraries of Standard Webhooks do', () => {
  expect(signedHeaders(key, { id, seconds, body })['webhook-signature']).toBe(signature)
})

test('believes one good signature of several, of this question and of these minutes', () => {
  expect(fault()).toBeNull()
  expect(fault({ 'webhook-signature': `v1a,AAAA v1,AAAA ${signature}` })).toBeNull()
  expect(fault({}, (seconds + 300) * 1000)).toBeNull()
  expect(fault({}, (seconds + 301) * 1000)).toBe('stale')
  expect(fault({}, (seconds - 301) * 1000)).toBe('stale')
  expect(fault({}, seconds * 1000, 'msg_other')).toBe('unsigned')
  for (const wrong of [undefined, '', 'v1,', signature.replace('v1,', ''), signature.replace('g0', 'G0')])
    expect(fault({ 'webhook-signature': wrong })).toBe('unsigned')
  expect(fault({ 'webhook-timestamp': String(seconds + 1) })).toBe('unsigned')
})
