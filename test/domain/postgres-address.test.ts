import { expect, test } from 'vitest'
import { readPostgresAddress } from '../../src/domain/postgres-address.ts'

const tlsOf = (text: string) => {
  const read = readPostgresAddress(text)
  return read.ok ? read.address.tls : read.code
}

test.each([
  'postgres://app@localhost/coupons',
  'postgres://app@LOCALHOST/coupons',
  'postgres://app@127.0.0.1:5433/coupons',
  'postgres://app@127.5.0.9/coupons',
  'postgresql://app@[::1]/coupons',
  'postgres:///coupons',
  'postgres://app@%2Fvar%2Frun%2Fpostgresql/coupons',
  'postgres:///coupons?host=/var/run/postgresql',
  'postgres://elsewhere.example/coupons?host=localhost',
])('speaks in the clear within this machine: %s', (text) => {
  expect(tlsOf(text)).toBe('none')
})

test.each([
  'postgres://app@db.example/coupons',
  'postgres://app@10.0.0.5/coupons',
  'postgres://app@[fd00::5]/coupons',
  'postgres://app@postgres/coupons',
  'postgres://app@localhost.example/coupons',
  'postgres://app@127.0.0.1.example/coupons',
  'postgres://localhost/coupons?host=db.example',
  'postgres://localhost/coupons?host=localhost&host=db.example',
  'postgres://one,localhost/coupons',
  'postgres://db.example/coupons?sslmode=require',
  'postgres://db.example/coupons?sslmode=prefer',
  'postgres://db.example/coupons?sslmode=verify-ca&uselibpqcompat=true',
  'postgres://db.example/coupons?sslmode=verify-full&sslrootcert=system',
  'postgres://db.example/coupons?ssl=true',
  'postgres://localhost/coupons?sslmode=verify-full',
  'postgres://localhost/coupons?sslrootcert=ca.pem',
])('verifies the server by TLS, as all else would tell the password: %s', (text) => {
  expect(tlsOf(text)).toBe('verified')
})

test('does what is said in words', () => {
  expect(tlsOf('postgres://db.example/coupons?sslmode=disable')).toBe('none')
  expect(tlsOf('postgres://db.example/coupons?sslmode=no-verify')).toBe('unverified')
})

test.each([
  ['postgres://db.example/coupons?sslmode=allow', 'unknown-sslmode'],
  ['postgres://db.example/coupons?sslmode=off', 'unknown-sslmode'],
  ['postgres://db.example/coupons?ssl=false', 'unclear-ssl'],
  ['postgres://db.example/coupons?ssl=no-verify', 'unclear-ssl'],
  ['postgres://db.example:port/coupons', 'not-an-address'],
  ['mysql://db.example/coupons', 'not-an-address'],
])('takes nothing that is unclear: %s', (text, code) => {
  expect(readPostgresAddress(text)).toEqual({ ok: false, code })
})

test('keeps all that is not of TLS, and takes the files that are', () => {
  const text =
    'postgres://me:p%40ss@db.example:5433/coupons?sslmode=verify-full&sslrootcert=/etc/ca.pem&sslcert=a.pem&sslkey=b.pem&application_name=x'
  expect(readPostgresAddress(text)).toEqual({
    ok: true,
    address: {
      url: 'postgres://me:p%40ss@db.example:5433/coupons?application_name=x',
      host: 'db.example',
      tls: 'verified',
      ca: '/etc/ca.pem',
      cert: 'a.pem',
      key: 'b.pem',
    },
  })
})
