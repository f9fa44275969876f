import { createPublicKey, type KeyObject, randomBytes, sign } from 'node:crypto'
import {
  derBits,
  derInteger,
  derNull,
  derOctets,
  derOid,
  derSequence,
  derSet,
  derTagged,
  derText,
  derTime,
  derTrue,
} from './der.ts'

const OID = {
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  basicConstraints: '2.5.29.19',
  keyUsage: '2.5.29.15',
  sha256WithRsa: '1.2.840.113549.1.1.11',
}

export interface CertificateRequest {
  privateKey: KeyObject
  commonName: string
  organization: string
  /** Epoch ms. */
  from: number
  /** Epoch ms. */
  until: number
  /** 40 hex digits; random unless given. */
  serial?: string
}

/**
 * Makes a self-signed X.509 v3 certificate (RFC 5280) with a random serial of 40 hex digits, as PEM.
 *
 * @param request.privateKey an RSA key; the certificate is for its public half
 */
export function makeCertificate({
  privateKey,
  commonName,
  organization,
  from,
  until,
  serial,
}: CertificateRequest): string {
  const algorithm = derSequence(derOid(OID.sha256WithRsa), derNull())
  const name = derSequence(attribute(OID.organization, organization), attribute(OID.commonName, commonName))
  const extensions = derSequence(
    extension(OID.basicConstraints, derSequence()),
    // digitalSignature and nonRepudiation: the first two bits of one byte.
    extension(OID.keyUsage, derBits(Buffer.of(0b1100_0000), 6)),
  )
  const toSign = derSequence(
    derTagged(0, derInteger(Buffer.of(2))),
    derInteger(serial === undefined ? newSerial() : Buffer.from(serial, 'hex')),
    algorithm,
    name,
    derSequence(derTime(from), derTime(until)),
    name,
    createPublicKey(privateKey).export({ type: 'spki', format: 'der' }),
    derTagged(3, extensions),
  )
  return toPem(derSequence(toSign, algorithm, derBits(sign('sha256', toSign, privateKey))))
}

/** 20 bytes whose first digit is from 4 to 7: positive in DER, and 40 hex digits in every tool. */
function newSerial(): Buffer {
  const bytes = randomBytes(20)
  bytes[0] = 0x40 | ((bytes[0] ?? 0) & 0x3f)
  return bytes
}

const attribute = (oid: string, text: string): Buffer => derSet(derSequence(derOid(oid), derText(text)))

const extension = (oid: string, value: Buffer): Buffer =>
  derSequence(derOid(oid), derTrue(), derOctets(value))

function toPem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}
