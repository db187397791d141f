/**
 * Bloom-filter encodings of whole records (cryptographic long-term keys), bit for bit those of
 * clkhash 0.18.
 *
 * Papers      Schnell, Bachteler, Reiher, "A Novel Error-Tolerant Anonymous Linking Code" (2011);
 *             double hashing and its weakness: Kroll, Steinmetzer, BIOSTEC 2015 (arXiv 1410.6739).
 * Adversary   NOT a way to give records away. Whoever sees many encodings and has a similar list of
 *             people re-identifies them without the key: graph matching reached an F-measure above
 *             98 % where the lists are the same (Chen, Schnell, Armknecht, Heng, "Salting as a
 *             Countermeasure ...", HEALTHINF 2022, table 5; success falls with the overlap: Heng,
 *             Armknecht, Chen, Schnell, PLOS ONE 17 (2022) e0267893). Frequencies of bits break them
 *             too (Christen, Ranbaduge, Vatsalan, Schnell, PAKDD 2017 and 2018).
 * Use         opt-in, and inside one party only: to find duplicates, or candidates for a clerk.
 *             Between parties linkage goes by keys and psi/. Hardening (harden.ts) makes an attack
 *             dearer, it does not make encodings safe to publish.
 * @module
 */
import { createHmac, hkdfSync } from 'node:crypto';
import { blake2b } from '@noble/hashes/blake2.js';
import { utf8 } from '../../base/bytes.ts';
import { check } from '../../base/errors.ts';
import { Secret } from '../../base/secret.ts';
import type { ClkSchema, Feature } from './schema.ts';
import { formatValue, tokensOf } from './tokens.ts';

/** Keys of a schema: two for each column, also for an ignored one. Wipe it after use. */
export function clkKeys(schema: ClkSchema, secret: Secret): Secret {
  const length = 2 * schema.features.length * schema.keySize;
  const bytes = hkdfSync(schema.hash, secret.expose(), schema.salt, schema.info, length);
  return new Secret('clk keys', new Uint8Array(bytes));
}

/** How many bits each of `tokens` tokens sets. */
function shares({ each, count }: Feature['bits'], tokens: number): readonly number[] {
  if (each) return new Array<number>(tokens).fill(count);
  const [share, rest] = [Math.floor(count / tokens), count % tokens];
  return Array.from({ length: tokens }, (_, i) => (i < rest ? share + 1 : share));
}

/** The bytes as one big-endian number, mod `modulus` < 2^31. */
const modulo = (bytes: Uint8Array, modulus: number): number =>
  bytes.reduce((rest, byte) => (rest * 256 + byte) % modulus, 0);

type Keys = readonly [Uint8Array, Uint8Array];
type Positions = (token: Uint8Array, count: number) => readonly number[];

/** g_i = h1 + i·h2 mod l with HMAC-SHA-1 and HMAC-MD5. */
const doubleHash =
  ([first, second]: Keys, l: number, preventSingularity: boolean): Positions =>
  (token, count) => {
    const mac = (name: string, key: Uint8Array, suffix = ''): number =>
      modulo(createHmac(name, key).update(token).update(suffix).digest(), l);
    const start = mac('sha1', first);
    let step = mac('md5', second);
    for (let i = 0; preventSingularity && step === 0; i++) {
      step = mac('md5', second, String.fromCodePoint(i));
    }
    return Array.from({ length: count }, (_, i) => (start + i * step) % l);
  };

/** 16-bit words of keyed BLAKE2b (RFC 7693), 32 of each salt "0", "1", ... */
const blakeHash =
  ([key]: Keys, l: number): Positions =>
  (token, count) => {
    const positions: number[] = [];
    for (let block = 0; positions.length < count; block++) {
      const salt = new Uint8Array(16);
      salt.set(utf8(String(block)));
      const digest = blake2b(token, { key, salt });
      const words = new DataView(digest.buffer, digest.byteOffset, digest.length);
      for (let at = 0; at < digest.length && positions.length < count; at += 2) {
        positions.push(words.getUint16(at, true) % l);
      }
    }
    return positions;
  };

/**
 * The encoding of one record: `values` has the text of every column of the schema, in its order.
 * Bit 0 is the highest of byte 0. `keys` comes from `clkKeys`. Refuses values of another format.
 */
export function encodeClk(values: readonly string[], schema: ClkSchema, keys: Secret): Uint8Array {
  const { features, keySize, length } = schema;
  check(values.length === features.length, 'INVALID_PARAMETER', `${values.length} columns`);
  const filter = new Uint8Array(length / 8);
  features.forEach((feature, column) => {
    if (feature === undefined) return;
    const key = (i: number): Uint8Array =>
      keys.expose().subarray((2 * column + i) * keySize, (2 * column + i + 1) * keySize);
    const pair: Keys = [key(0), key(1)];
    const positions =
      feature.hash === 'doubleHash'
        ? doubleHash(pair, length, feature.preventSingularity)
        : blakeHash(pair, length);
    const tokens = tokensOf(formatValue(values[column] ?? '', feature), feature.comparison);
    const bits = shares(feature.bits, tokens.length);
    tokens.forEach((token, i) => {
      for (const at of positions(utf8(token), bits[i] ?? 0)) {
        filter[at >> 3] = (filter[at >> 3] ?? 0) | (0x80 >> (at & 7));
      }
    });
  });
  return filter;
}
