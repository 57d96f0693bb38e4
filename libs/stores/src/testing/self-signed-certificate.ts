import { generateKeyPairSync, sign } from 'node:crypto';

/** DER (ITU-T X.690): a tag, a length, and what is in it. */
function der(tag: number, ...contents: readonly (Buffer | readonly number[])[]): Buffer {
  const content = Buffer.concat(contents.map((part) => Buffer.from(part)));
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...contents: Parameters<typeof der>[1][]): Buffer => der(0x30, ...contents);
const oid = (...bytes: number[]): Buffer => der(0x06, bytes);
const time = (instant: string): Buffer =>
  der(0x18, Buffer.from(`${instant.replace(/[-:T]/g, '').slice(0, 14)}Z`, 'ascii'));

const ECDSA_WITH_SHA256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
const BASIC_CONSTRAINTS = oid(0x55, 0x1d, 0x13);
const SUBJECT_ALT_NAME = oid(0x55, 0x1d, 0x11);

/** A key and a certificate (PEM) for localhost that is its own authority (RFC 5280 §4.1). Valid from 2020 to 2099. */
export function selfSignedCertificate(): { readonly key: string; readonly certificate: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = sequence(der(0x31, sequence(oid(0x55, 0x04, 0x03), der(0x0c, Buffer.from('waybill test')))));
  const yes = der(0x01, [0xff]);
  const extensions = sequence(
    sequence(BASIC_CONSTRAINTS, yes, der(0x04, sequence(yes))),
    sequence(SUBJECT_ALT_NAME, der(0x04, sequence(der(0x82, Buffer.from('localhost')), der(0x87, [127, 0, 0, 1])))),
  );
  const toBeSigned = sequence(
    der(0xa0, der(0x02, [2])),
    der(0x02, [1]),
    ECDSA_WITH_SHA256,
    name,
    sequence(time('2020-01-01T00:00:00'), time('2099-01-01T00:00:00')),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, extensions),
  );
  const signature = sign('sha256', toBeSigned, privateKey);
  const certificate = sequence(toBeSigned, ECDSA_WITH_SHA256, der(0x03, [0], signature)).toString('base64');
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate: `-----BEGIN CERTIFICATE-----\n${certificate.match(/.{1,64}/g)!.join('\n')}\n-----END CERTIFICATE-----\n`,
  };
}
