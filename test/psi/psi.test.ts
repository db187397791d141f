/** The library entry `kakehashi/psi`: what its header lists, each pair of parties through the entry alone. */
import { deepStrictEqual, equal } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { systemRng } from '../../src/base/rng.ts';
import * as psi from '../../src/psi/psi.ts';
import { both, ChannelPair } from './ecdh/channel-pair.ts';
import { toyScheme } from './sum/schemes.ts';

const left = ['ada', 'ben', 'cid', 'dan'];
const right = ['dan', 'eve', 'ben'];
const rng = systemRng;
const items = (ids: readonly string[]): Uint8Array => psi.distinctItems(ids, 10).hashes;

describe('kakehashi/psi', () => {
  test('VOLE-PSI takes identifiers', async () => {
    const pair = new ChannelPair();
    const { matches } = await both(
      psi.voleReceive(left, pair.left, { rng }),
      psi.voleSend(right, pair.right, { rng }),
    );
    deepStrictEqual([...matches], [1, 3]);
    const { receiver, sender } = psi.sessionBytes(psi.voleParameters(4, 3), 'match');
    equal(pair.bytes, receiver + sender);
  });

  test('ECDH-PSI: a set, told to the sender, and a cardinality', async () => {
    const pair = new ChannelPair();
    const set = { output: 'set', peerLimit: 10, rng } as const;
    const matches = await both(
      psi.receiveIntersection(pair.left, items(left), set),
      psi.sendItems(pair.right, items(right), set),
    );
    await psi.tellMatches(pair.left, items(left), matches);
    deepStrictEqual([...(await psi.hearMatches(pair.right, items(right)))], [2, 0]);
    const other = new ChannelPair();
    const count = { output: 'cardinality', peerLimit: 10, rng } as const;
    const cardinality = await both(
      psi.receiveCardinality(other.left, items(left), count),
      psi.sendItems(other.right, items(right), count),
    );
    equal(cardinality, 2);
  });

  test('sums with a scheme of the caller', async () => {
    const pair = new ChannelPair();
    const options = { scheme: toyScheme, rng };
    const found = await both(
      psi.receiveSums(pair.left, items(left), options),
      psi.sendSums(pair.right, items(right), [[1n], [10n], [100n]], options),
    );
    deepStrictEqual(found, { cardinality: 2, sums: [101n] });
  });
});
