/** X.509 certificates for tests (RFC 5280), written and signed here: an authority, and servers that it names. */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

const tlv = (tag: number, ...parts: readonly Uint8Array[]): Uint8Array => {
  const body = Buffer.concat(parts);
  const { length } = body;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Uint8Array.of(tag, ...size), body]);
};
const sequence = (...parts: readonly Uint8Array[]): Uint8Array => tlv(0x30, ...parts);
const oid = (hex: string): Uint8Array => tlv(0x06, Buffer.from(hex, 'hex'));
const bits = (bytes: Uint8Array): Uint8Array => tlv(0x03, Uint8Array.of(0), bytes);
const octets = (bytes: Uint8Array): Uint8Array => tlv(0x04, bytes);
const TRUE = tlv(0x01, Uint8Array.of(0xff));
const ECDSA_SHA256 = sequence(oid('2a8648ce3d040302'));

const name = (text: string): Uint8Array =>
  sequence(tlv(0x31, sequence(oid('550403'), tlv(0x0c, Buffer.from(text)))));
/** GeneralizedTime. */
const time = (date: Date): Uint8Array =>
  tlv(0x18, Buffer.from(`${date.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`));

const pem = (label: string, der: Uint8Array): string =>
  `-----BEGIN ${label}-----\n${(
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  ).join('\n')}\n-----END ${label}-----\n`;

export type Pair = { readonly cert: string; readonly key: string };
export type Life = { readonly from?: Date; readonly to?: Date };
export type Authority = {
  readonly cert: string;
  /** A certificate of this authority for host names. */
  issue(names: readonly string[], life?: Life): Pair;
};

const DAY_MS = 86_400_000;

function certificate(
  subject: string,
  subjectKey: KeyObject,
  issuer: { readonly name: string; readonly key: KeyObject },
  extensions: readonly Uint8Array[],
  { from = new Date(Date.now() - DAY_MS), to = new Date(Date.now() + 90 * DAY_MS) }: Life = {},
): string {
  const serial = randomBytes(15);
  const tbs = sequence(
    tlv(0xa0, tlv(0x02, Uint8Array.of(2))),
    tlv(0x02, Uint8Array.of(1), serial),
    ECDSA_SHA256,
    name(issuer.name),
    sequence(time(from), time(to)),
    name(subject),
    subjectKey.export({ type: 'spki', format: 'der' }),
    tlv(0xa3, sequence(...extensions)),
  );
  const signature = sign('sha256', tbs, issuer.key);
  return pem('CERTIFICATE', sequence(tbs, ECDSA_SHA256, bits(signature)));
}

const keys = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });

export function authority(subject = 'Test Authority'): Authority {
  const own = keys();
  const issuer = { name: subject, key: own.privateKey };
  const isAuthority = sequence(oid('551d13'), TRUE, octets(sequence(TRUE)));
  return {
    cert: certificate(subject, own.publicKey, issuer, [isAuthority]),
    issue: (names, life) => {
      const pair = keys();
      const alternatives = names.map((one) =>
        /^\d+(?:\.\d+){3}$/.test(one)
          ? tlv(0x87, Uint8Array.from(one.split('.').map(Number)))
          : tlv(0x82, Buffer.from(one)),
      );
      const named = sequence(oid('551d11'), octets(sequence(...alternatives)));
      const cert = certificate(names[0] ?? '', pair.publicKey, issuer, [named], life);
      const key = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
      return { cert, key };
    },
  };
}
