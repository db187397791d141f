/** Versions of a map against maps that are copied whole, in any order of setting and branching. */
import { deepEqual, equal } from 'node:assert/strict';
import * as fc from 'fast-check';
import { test } from 'vitest';
import { LayeredMap } from '../../src/ledger/layered-map.ts';

const step = fc.record({
  /** Of the versions so far, the one that the next one is made from. */
  from: fc.nat(),
  sets: fc.array(fc.tuple(fc.nat({ max: 60 }), fc.string()), { maxLength: 30 }),
});

test('every version stays what it was, whatever is set in those made from it', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      const versions = [LayeredMap.empty<number, string>()];
      const copies = [new Map<number, string>()];
      for (const { from, sets } of steps) {
        const version = versions[from % versions.length]!.version();
        const copy = new Map(copies[from % copies.length]);
        for (const [key, value] of sets) {
          version.set(key, value);
          copy.set(key, value);
        }
        versions.push(version);
        copies.push(copy);
      }
      versions.forEach((version, i) => {
        const copy = copies[i]!;
        equal(version.size, copy.size);
        deepEqual([...version], [...copy]);
        deepEqual([...version.keys()], [...copy.keys()]);
        deepEqual([...version.values()], [...copy.values()]);
        const visited: [number, string][] = [];
        version.forEach((value, key) => visited.push([key, value]));
        deepEqual(visited, [...copy]);
        for (let key = 0; key <= 60; key += 1) {
          deepEqual([version.has(key), version.get(key)], [copy.has(key), copy.get(key)]);
        }
      });
    }),
  );
});
