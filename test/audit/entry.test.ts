/** Entries: the closed shape of every known type, and what a reader does with an unknown one. */
import { deepStrictEqual, notDeepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import {
  entryLeaf,
  isKnownType,
  type LogEntry,
  minuteOf,
  readEntry,
} from '../../src/audit/entry.ts';
import { canonicalJson, type Json, parseStrict } from '../../src/base/canonical-json.ts';
import { refusal } from '../support/refusal.ts';

const D = 'd'.repeat(64);
const KEY = `ed25519:${'A'.repeat(43)}`;
const SIGNATURE = 'A'.repeat(86);
const at = '2026-11-28T18:00Z';
const head = { sequence: 3, hash: D };

const ENTRIES: readonly LogEntry[] = [
  { type: 'study', at, signatures: [{ holder: 'lu', key: KEY, signature: SIGNATURE }] },
  { type: 'acceptance', at, holder: 'lu', frame: D },
  {
    type: 'reservation',
    at,
    run: D,
    holder: 'lu',
    plan: D,
    rho: '1/50',
    charged: true,
    head,
    frame: D,
  },
  {
    type: 'release',
    at,
    run: D,
    plan: D,
    released: D,
    attestations: [{ holder: 'lu', digest: D }],
  },
  { type: 'answer', at, run: D, from: D },
  { type: 'refusal', at, run: D, holder: 'lu', code: 'BUDGET_EXHAUSTED', touched: false, frame: D },
  { type: 'stop', at, holder: 'lu', frame: D },
  { type: 'restore', at, holder: 'lu', head, keyEpoch: 2 },
  { type: 'erasure', at, run: D, statements: [{ holder: 'lu', digest: D }] },
  {
    type: 'amendment',
    at,
    from: D,
    to: D,
    signatures: [{ holder: 'lu', key: KEY, signature: SIGNATURE }],
  },
  {
    type: 'narrowing',
    at,
    from: D,
    to: D,
    signatures: [{ holder: 'lu', key: KEY, signature: SIGNATURE }],
  },
  { type: 'image', at, image: D, holder: 'lu', key: KEY, signature: SIGNATURE },
];
const json = (entry: unknown): Json => parseStrict(canonicalJson(entry));
const malformed = refusal('MALFORMED_MESSAGE');

describe('entries', () => {
  for (const entry of ENTRIES) {
    test(`${entry.type}: read as written; a field more or less, or of another kind, is refused`, () => {
      deepStrictEqual(readEntry(json(entry)), entry);
      throws(() => readEntry(json({ ...entry, note: 'x' })), malformed);
      for (const field of Object.keys(entry)) {
        throws(() => readEntry(json({ ...entry, [field]: undefined })), malformed);
        throws(() => readEntry(json({ ...entry, [field]: { a: 1 } })), malformed);
      }
    });
  }

  test('of a type of a later version are kept as they are; without type or time they are none', () => {
    const later = { type: 'quorum', at, holders: ['lu'] };
    strictEqual(isKnownType('quorum'), false);
    deepStrictEqual(readEntry(json(later)), later);
    for (const type of ['toString', 'constructor', '__proto__'])
      strictEqual(isKnownType(type), false);
    for (const bad of [{ type: 'quorum' }, { at }, { type: '<b>', at }, [], 'x', null]) {
      throws(() => readEntry(json(bad)), malformed);
    }
  });

  test('times are cut to the minute', () => {
    strictEqual(minuteOf(new Date('2026-11-28T18:00:59.999Z')), at);
  });

  test('a leaf depends on its salt, which has 16 bytes', () => {
    const [entry] = ENTRIES as [LogEntry];
    const [a, b] = [new Uint8Array(16), new Uint8Array(16).fill(1)];
    notDeepStrictEqual(entryLeaf(a, entry), entryLeaf(b, entry));
    throws(() => entryLeaf(new Uint8Array(15), entry), malformed);
  });
});
