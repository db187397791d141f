/** Tokens are equal exactly where identifiers are, differ from run to run, and need both functions. */
import { deepStrictEqual, equal, notDeepStrictEqual, rejects } from 'node:assert/strict';
import { pathToFileURL } from 'node:url';
import { afterAll, test } from 'vitest';
import { blake2s } from '@noble/hashes/blake2.js';
import { concat, toHex, utf8 } from '../../../src/base/bytes.ts';
import type { ThreadedBatches } from '../../../src/base/batches.ts';
import { systemRng } from '../../../src/base/rng.ts';
import { HolderBatches } from '../../../src/engine/jobs/holder-batches.ts';
import { HOLDER_BATCHES } from '../../../src/holder/batches.ts';
import { exchangeTokens, joinOutputs } from '../../../src/psi/tokens/token.ts';
import { bundled } from '../../support/bundle.ts';
import { Link, names, seededRng } from '../vole/sessions.ts';

async function exchange(xs: readonly string[], ys: readonly string[]): Promise<string[][]> {
  const link = new Link();
  const sides = await Promise.all([
    exchangeTokens('first', xs, link.end('receiver')),
    exchangeTokens('second', ys, link.end('sender')),
  ]);
  return sides.map((tokens) =>
    Array.from({ length: tokens.length / 16 }, (_, i) =>
      toHex(tokens.subarray(16 * i, 16 * i + 16)),
    ),
  );
}

test('equal identifiers have equal tokens, others have others, a second run has none of them', async () => {
  const xs = ['ka', 'kb', 'kc', 'kd'];
  const ys = ['kc', 'kx', 'ka', 'ky'];
  const [ofX = [], ofY = []] = await exchange(xs, ys);
  xs.forEach((x, i) => {
    ys.forEach((y, j) => {
      equal(ofX[i] === ofY[j], x === y);
    });
  });
  const [again = []] = await exchange(xs, ys);
  equal(again.filter((token) => ofX.includes(token)).length, 0);
});

test('a token is BLAKE2s-128 of both outputs, in the order of their keys', () => {
  const [a, b] = [systemRng(16 * 5000), systemRng(16 * 5000)];
  const tokens = joinOutputs(a, b);
  for (const i of [0, 4095, 4096, 4999]) {
    const both = concat(a.subarray(16 * i, 16 * i + 16), b.subarray(16 * i, 16 * i + 16));
    const expected = blake2s(both, { dkLen: 16, personalization: utf8('kk-tok01') });
    deepStrictEqual(tokens.subarray(16 * i, 16 * i + 16), expected);
  }
  notDeepStrictEqual(joinOutputs(b, a), tokens);
});

test('a list of another length than the public one is refused', async () => {
  const link = new Link();
  const first = exchangeTokens('first', ['ka', 'kb'], link.end('receiver'));
  const second = exchangeTokens('second', ['ka', 'kb', 'kc'], link.end('sender'));
  second.catch(() => link.close());
  first.catch(() => link.close());
  await rejects(Promise.all([first, second]));
});

const holders: HolderBatches[] = [];
afterAll(() => Promise.all(holders.map((holder) => holder.close())));

test('a holder over one thread, two and three sends the same frames and has the same tokens', async () => {
  const workerUrl = pathToFileURL(await bundled('src/holder/worker.ts'));
  const exchanged = async (threads: number) => {
    const batches = new HolderBatches(HOLDER_BATCHES, { workerUrl, threads });
    holders.push(batches);
    const kinds = new Set<string>();
    const seen: ThreadedBatches = {
      threads,
      run: (batch) => {
        kinds.add(batch.kind);
        equal(
          batch.out?.buffer instanceof SharedArrayBuffer,
          threads > 1 && batch.out !== undefined,
        );
        return batches.run(batch);
      },
    };
    const link = new Link();
    const given = (rng: string) => ({ rng: seededRng(rng), batches: seen });
    const tokens = await Promise.all([
      exchangeTokens('first', names(3000), link.end('receiver'), given('first')),
      exchangeTokens('second', names(3000, 1500), link.end('sender'), given('second')),
    ]);
    const framesOf = (party: string) =>
      link.sent.filter(({ from }) => from === party).map(({ frame }) => toHex(frame));
    return { tokens, frames: [framesOf('receiver'), framesOf('sender')], kinds: [...kinds].sort() };
  };
  const alone = await exchanged(1);
  for (const threads of [2, 3]) {
    const { tokens, frames, kinds } = await exchanged(threads);
    deepStrictEqual([tokens, frames], [alone.tokens, alone.frames]);
    // In one thread identifiers are hashed without a batch.
    deepStrictEqual(kinds, ['psi-hash', ...alone.kinds]);
  }
});
