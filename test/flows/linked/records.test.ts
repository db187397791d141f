/** Frames over sealed records: every length, public sizes, and nothing but the next record opens. */
import { deepStrictEqual, equal, ok, rejects } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { systemRng } from '../../../src/base/rng.ts';
import { Secret } from '../../../src/base/secret.ts';
import { framed, paddedLength } from '../../../src/flows/linked/records.ts';
import { sealedRecords } from '../../../src/flows/linked/sealed-records.ts';
import { type Channel, MAX_FRAME_BYTES } from '../../../src/psi/channel.ts';
import { pair } from '../../support/linked-lab.ts';

const MIB = 2 ** 20;
const CONTEXT = { study: 'ab'.repeat(32), run: 'cd'.repeat(32), flow: 'linked-aggregate' };
const SECRET = systemRng(32);

/** Both ends, and every record as it is carried; `tamper` says what arrives. */
function ends(tamper: (records: Uint8Array[]) => Uint8Array[] = (records) => records) {
  const { ends: raw } = pair();
  const carried: Uint8Array[] = [];
  let held: Uint8Array[] = [];
  const carrier: Channel = {
    send: async (record) => {
      carried.push(record);
      held.push(record);
      const now = tamper(held);
      if (now.length === 0) return;
      held = [];
      for (const one of now) await raw[0].send(one);
    },
    receive: () => raw[0].receive(),
  };
  const key = () => new Secret('pair', SECRET.slice());
  return {
    carried,
    a: framed(sealedRecords(carrier, key(), CONTEXT, 'lu', 'jp')),
    b: (context = CONTEXT, own = 'jp') => framed(sealedRecords(raw[1], key(), context, own, 'lu')),
  };
}

describe('frames', () => {
  test('of every length around a record come whole and in order', async () => {
    const { a, b, carried } = ends();
    const peer = b();
    const piece = 3.5 * MIB;
    for (const length of [
      0,
      1,
      250,
      251,
      252,
      piece - 1,
      piece,
      piece + 1,
      2 * piece,
      MAX_FRAME_BYTES,
    ]) {
      const frame = systemRng(Math.min(length, 1000));
      const whole = new Uint8Array(length);
      whole.set(frame);
      await a.send(whole);
      equal(Buffer.compare(await peer.receive(), whole), 0);
    }
    ok(carried.every(({ length }) => length <= 4 * MIB));
    await rejects(a.send(new Uint8Array(MAX_FRAME_BYTES + 1)), { code: 'PAYLOAD_TOO_LARGE' });
  });

  test('lengths that are carried are of few classes, at most an eighth above what they hide', () => {
    const classes = new Set(Array.from({ length: 100_000 }, (_, n) => paddedLength(n)));
    ok(classes.size < 150, `${classes.size} classes`);
    for (let n = 257; n < 4 * MIB; n += 9973) {
      const padded = paddedLength(n);
      ok(padded >= n && padded <= 1.125 * n, `${n} becomes ${padded}`);
      equal(paddedLength(padded), padded);
    }
  });
});

describe('refused', () => {
  const flip = (record: Uint8Array): Uint8Array => record.map((x, i) => (i === 40 ? x ^ 1 : x));
  test.each<[string, (records: Uint8Array[]) => Uint8Array[]]>([
    ['an altered record', (records) => records.map(flip)],
    ['a truncated record', (records) => records.map((record) => record.subarray(1))],
    ['a trailing byte', (records) => records.map((record) => new Uint8Array([...record, 0]))],
    ['50 MB of garbage', () => [new Uint8Array(50_000_000)]],
    ['an empty record', () => [new Uint8Array(0)]],
    ['records in another order', (records) => (records.length < 2 ? [] : records.toReversed())],
    ['a record left out', (records) => (records.length < 2 ? [] : records.slice(1))],
  ])('%s', async (_, tamper) => {
    const { a, b } = ends(tamper);
    await a.send(Uint8Array.of(1));
    await a.send(Uint8Array.of(2));
    await rejects(b().receive(), { code: 'MALFORMED_MESSAGE' });
  });

  test('a record twice: the second is not the next', async () => {
    const { a, b } = ends((records) => [...records, ...records]);
    const peer = b();
    await a.send(Uint8Array.of(1));
    deepStrictEqual(await peer.receive(), Uint8Array.of(1));
    await rejects(peer.receive(), { code: 'MALFORMED_MESSAGE' });
  });

  test('a record of another run, or handed back to who sent it', async () => {
    const { a, b } = ends();
    await a.send(Uint8Array.of(1));
    await rejects(b({ ...CONTEXT, run: 'ef'.repeat(32) }).receive(), { code: 'MALFORMED_MESSAGE' });
    await a.send(Uint8Array.of(1));
    await rejects(b(CONTEXT, 'kr').receive(), { code: 'MALFORMED_MESSAGE' });
  });
});
