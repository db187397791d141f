/** The pool: ready entries, each once, none for another list; and tickets that name their list. */
import { deepEqual, equal, notDeepEqual, rejects } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { Rational } from '../../../src/base/rational.ts';
import { systemRng } from '../../../src/base/rng.ts';
import { SigningKey } from '../../../src/base/sign.ts';
import { Vault } from '../../../src/base/vault.ts';
import { LONGEST_POOLED, NoisePool } from '../../../src/engine/noise/pool.ts';
import { systemNoise } from '../../../src/engine/noise/system-noise.ts';
import { refusal } from '../../support/refusal.ts';

/** A pool whose entries are numbered, and whose filling waits until it is told. */
function numbered() {
  let drawn = 0;
  const fills: (() => void)[] = [];
  const pool = new NoisePool();
  const take = (list: string, length = 4, choose = () => 0) =>
    pool.take(list, length, {
      fresh: () => {
        const name = String(drawn++);
        const ticket = { sealedSeed: new Uint8Array(0), commitment: name };
        return { ticket, values: Promise.resolve(BigInt64Array.of(BigInt(name))) };
      },
      choose,
      later: (fill) => fills.push(fill),
    }).ticket.commitment;
  return { take, fill: () => fills.splice(0).forEach((f) => f()), drawn: () => drawn };
}

describe('pool', () => {
  test('the second answer for a list finds noise that was drawn before it', () => {
    const { take, fill, drawn } = numbered();
    equal(take('a'), '0');
    fill();
    equal(drawn(), 3);
    equal(take('a'), '1');
    equal(drawn(), 3); // nothing was drawn for it
  });
  test('an entry is taken once, also when filling is late', () => {
    const { take, fill } = numbered();
    const taken = [take('a')];
    fill();
    for (let i = 0; i < 5; i++) taken.push(take('a'));
    fill();
    for (let i = 0; i < 5; i++) taken.push(take('a'));
    equal(new Set(taken).size, taken.length);
  });
  test('never for another list, in the order that is chosen', () => {
    const { take, fill } = numbered();
    take('a');
    fill();
    equal(take('b'), '3');
    equal(
      take('a', 4, () => 1),
      '2',
    );
  });
  test('long vectors, and lists not asked for lately, are not kept', () => {
    const { take, fill, drawn } = numbered();
    take('long', LONGEST_POOLED + 1);
    fill();
    equal(drawn(), 1);
    take('old');
    for (let i = 0; i < 16; i++) take(String(i));
    const before = drawn();
    fill();
    equal(drawn(), before + 32); // sixteen shelves of two; the old one is gone
  });
});

describe('tickets', () => {
  const vault = new Vault(SigningKey.generate(), systemRng);
  const noise = systemNoise(vault, systemRng);
  const runs = [
    { variance: Rational.of(100), count: 5000 },
    { variance: Rational.of(7, 2), count: 3 },
  ];

  test('the same ticket gives the same noise: kept, drawn again, and by another process', async () => {
    const ticket = noise.ticket(runs);
    const drawn = (await noise.draw(ticket, runs)).slice();
    deepEqual(await noise.draw(ticket, runs), drawn);
    deepEqual(await systemNoise(vault, systemRng).draw(ticket, runs), drawn);
    notDeepEqual(await noise.draw(noise.ticket(runs), runs), drawn);
  });
  test('noise of another sigma or count is refused', async () => {
    const ticket = noise.ticket(runs);
    for (const other of [
      runs.slice(0, 1),
      [{ variance: Rational.of(101), count: 5000 }, runs[1]!],
      [{ variance: Rational.of(100), count: 4999 }, runs[1]!],
    ]) {
      await rejects(noise.draw(ticket, other), refusal('CONFLICT'));
    }
  });
  test('a seed under another commitment, or of another holder, is refused', async () => {
    const [one, two] = [noise.ticket(runs), noise.ticket(runs)];
    const swapped = { sealedSeed: one.sealedSeed, commitment: two.commitment };
    await rejects(noise.draw(swapped, runs), refusal('LEDGER_CORRUPT'));
    const stranger = systemNoise(new Vault(SigningKey.generate(), systemRng), systemRng);
    await rejects(stranger.draw(one, runs), refusal('DATA_DIRECTORY_DAMAGED'));
  });
  test('what cannot be drawn is refused when it is drawn, not before', async () => {
    const bad = [{ variance: Rational.ZERO, count: 1 }];
    await rejects(noise.draw(noise.ticket(bad), bad), refusal('NOISE_RANGE'));
  });
});
