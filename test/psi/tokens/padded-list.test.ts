/** What goes into the oblivious functions: always as many, each once, twins nobody's, dummies in common. */
import { deepStrictEqual, equal, ok, throws } from 'node:assert/strict';
import { test } from 'vitest';
import { systemRng } from '../../../src/base/rng.ts';
import { Secret } from '../../../src/base/secret.ts';
import { dummyIds, paddedList } from '../../../src/psi/tokens/padded-list.ts';

const key = (person: number): Uint8Array => new Uint8Array(16).fill(0xa5).fill(person, 0, 1);
const dummies = (count: number): string[] => {
  using seed = new Secret('dummies', new Uint8Array(32).fill(5));
  return dummyIds(seed, count);
};

test('the public length whatever the list, every identifier once, people at their keys', () => {
  for (const people of [0, 1, 7]) {
    const keys = Array.from({ length: people }, (_, i) => key(i));
    const { ids, people: at } = paddedList(keys, dummies(3), 12, systemRng);
    equal(ids.length, 12);
    equal(new Set(ids).size, 12);
    deepStrictEqual(
      [...at].filter((person) => person >= 0).toSorted((a, b) => a - b),
      keys.map((_, i) => i),
    );
    at.forEach((person, position) => {
      if (person >= 0) ok(ids[position]?.endsWith(Buffer.from(key(person)).toString('hex')));
    });
    equal(ids.filter((id) => dummies(3).includes(id)).length, 3);
  }
});

test('a key that several people have is nobody’s; a person without a key, or with a wrong one, matches nobody', () => {
  const short = Uint8Array.of(9);
  const keys = [key(1), key(2), key(1), key(3), key(1), undefined, short];
  const { people } = paddedList(keys, [], 8, systemRng);
  deepStrictEqual([...people].filter((person) => person >= 0).toSorted(), [1, 3]);
});

test('both holders make the same dummies of a seed, and pads of their own', () => {
  deepStrictEqual(dummies(4), dummies(4));
  const [x, y] = [0, 1].map(() => new Set(paddedList([key(1)], dummies(2), 64, systemRng).ids));
  equal([...(x ?? [])].filter((id) => y?.has(id)).length, 3);
});

test('a key cannot be a dummy or a pad, and too many rows are refused', () => {
  const [dummy = ''] = dummies(1);
  const copied = paddedList(
    [new Uint8Array(Buffer.from(dummy.slice(1), 'hex'))],
    [dummy],
    2,
    systemRng,
  );
  equal(new Set(copied.ids).size, 2);
  throws(() => paddedList([key(1), key(2)], dummies(1), 2, systemRng), {
    code: 'INVALID_PARAMETER',
  });
});
