/** The rule of a pass and of a cascade, against a slow twin that looks at every pair. */
import { deepStrictEqual, equal } from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { cascade, type MatchRule, type Pair, type PassColumns } from '../../src/linkage/cascade.ts';

type Keys = readonly (string | undefined)[];

const columns = (
  left: Keys,
  right: Keys,
  people: { readonly left?: number[]; readonly right?: number[]; readonly doubtful?: boolean } = {},
): PassColumns => ({
  pass: ['name'],
  doubtful: people.doubtful ?? false,
  left: { keys: left, people: Uint32Array.from(people.left ?? left.keys()) },
  right: { keys: right, people: Uint32Array.from(people.right ?? right.keys()) },
});

const run = (passes: readonly PassColumns[], rule: MatchRule): readonly Pair[] =>
  cascade(passes, rule).pairs;

describe('one pass', () => {
  test('a key held by two people matches nobody', () => {
    deepStrictEqual(run([columns(['a', 'b', 'b'], ['a', 'b'])], 'one-to-one'), [[0, 0]]);
    deepStrictEqual(run([columns(['a', 'b'], ['a', 'a', 'b'])], 'one-to-one'), [[1, 2]]);
  });

  test('rows of one person are one person', () => {
    const twice = columns(['a', 'a'], ['a'], { left: [0, 0] });
    deepStrictEqual(run([twice], 'one-to-one'), [[0, 0]]);
  });

  test('a person whose rows point at two people matches nobody', () => {
    const pass = columns(['a', 'b'], ['a', 'b'], { right: [7, 7] });
    deepStrictEqual(run([pass], 'one-to-one'), []);
    deepStrictEqual(run([pass], 'one-to-many'), []);
    // Two keys that point at the same person are one match.
    deepStrictEqual(
      run([{ ...pass, left: { ...pass.left, people: Uint32Array.of(3, 3) } }], 'one-to-one'),
      [[0, 0]],
    );
  });

  test('one-to-many: one person on the left, every row on the right', () => {
    const one = columns(['a', 'b', 'b'], ['a', 'a', 'b', undefined]);
    deepStrictEqual(run([one], 'one-to-many'), [
      [0, 0],
      [0, 1],
    ]);
  });

  test('all: every pair, once', () => {
    const one = columns(['a', 'a'], ['a', undefined, 'a']);
    deepStrictEqual(run([one, one], 'all'), [
      [0, 0],
      [0, 2],
      [1, 0],
      [1, 2],
    ]);
  });

  test('no key is no match, also where both have none', () => {
    deepStrictEqual(run([columns([undefined], [undefined])], 'all'), []);
    deepStrictEqual(run([columns([], [])], 'one-to-one'), []);
    deepStrictEqual(run([columns(['a'], [])], 'one-to-many'), []);
  });
});

describe('a cascade', () => {
  test('whom a pass matched is not seen by a later one', () => {
    const first = columns(['a', undefined, 'c'], ['a', undefined, 'd']);
    const second = columns(['x', 'x', 'y'], ['x', 'x', 'y']);
    // After the first pass x is held by one person on each side.
    deepStrictEqual(run([first, second], 'one-to-one'), [
      [0, 0],
      [1, 1],
      [2, 2],
    ]);
    // On the left nobody is taken out: x stays with two people.
    deepStrictEqual(run([first, second], 'one-to-many'), [
      [0, 0],
      [2, 2],
    ]);
  });

  test('removing one person can change more pairs than its own', () => {
    const with0 = [
      columns(['p', undefined], ['p', undefined]),
      columns([undefined, 'q'], ['q', undefined]),
      columns([undefined, 'r'], [undefined, 'r']),
    ];
    deepStrictEqual(run(with0, 'one-to-one'), [
      [0, 0],
      [1, 1],
    ]);
    const without0 = with0.map(({ left, right }) => columns(left.keys.slice(1), right.keys));
    deepStrictEqual(run(without0, 'one-to-one'), [[0, 0]]);
  });

  test('a doubtful pass is left out where strangers would explain what it found', () => {
    // 40 people on each side who are not each other, all but one of them in groups of two.
    const keys = Array.from({ length: 40 }, (_, i) => `k${i >> 1}`);
    const ours = [...keys, 'only'];
    const theirs = [...keys.map((key, i) => (i % 2 === 0 ? key : `${key} other`)), 'only'];
    const pass = columns(ours, theirs, { doubtful: true });
    equal(cascade([pass], 'one-to-one').passes[0]?.used, true);
    const chance = columns(
      [...keys, ...Array.from({ length: 400 }, (_, i) => `left ${i >> 1}`), 'x', 'y'],
      [...Array.from({ length: 440 }, (_, i) => `right ${i >> 1}`), 'x', 'y'],
      { doubtful: true },
    );
    const report = cascade([chance], 'one-to-one');
    equal(report.passes[0]?.used, false);
    deepStrictEqual(report.pairs, []);
    // Positive control: the same pass, not doubtful, gives its two pairs.
    equal(run([{ ...chance, doubtful: false }], 'one-to-one').length, 2);
  });
});

/** Every pair of rows, asked one by one. */
function twin(passes: readonly PassColumns[], rule: MatchRule): Pair[] {
  const found = new Map<string, Pair>();
  const taken = { left: new Set<number>(), right: new Set<number>() };
  for (const { left, right } of passes) {
    const alone = (column: typeof left, gone: ReadonlySet<number>, key: string): boolean =>
      new Set(
        column.keys.flatMap((k, row) =>
          k === key && !gone.has(column.people[row]!) ? [column.people[row]!] : [],
        ),
      ).size === 1;
    const now: Pair[] = [];
    left.keys.forEach((key, a) => {
      right.keys.forEach((other, b) => {
        if (key === undefined || key !== other) return;
        if (taken.left.has(left.people[a]!) || taken.right.has(right.people[b]!)) return;
        if (rule !== 'all' && !alone(left, taken.left, key)) return;
        if (rule === 'one-to-one' && !alone(right, taken.right, key)) return;
        // Of the rows of one person with one key the first stands for the person.
        const first = (column: typeof left, row: number): boolean =>
          column.keys.findIndex(
            (k, at) => k === key && column.people[at] === column.people[row],
          ) === row;
        if (rule !== 'all' && !first(left, a)) return;
        if (rule === 'one-to-one' && !first(right, b)) return;
        now.push([a, b]);
      });
    });
    const kept = now.filter(([a, b], i) => {
      if (rule === 'all') return true;
      const others = now.filter(
        ([x, y]) => right.people[y] === right.people[b] && left.people[x] !== left.people[a],
      );
      if (others.length > 0 || rule === 'one-to-many') return others.length === 0;
      const same = now.filter(([x]) => left.people[x] === left.people[a]);
      return same.every(([, y]) => right.people[y] === right.people[b]) && same[0] === now[i];
    });
    for (const [a, b] of kept) {
      found.set(`${a} ${b}`, [a, b]);
      if (rule === 'one-to-one') taken.left.add(left.people[a]!);
      if (rule !== 'all') taken.right.add(right.people[b]!);
    }
  }
  return [...found.values()].sort((x, y) => x[0] - y[0] || x[1] - y[1]);
}

test('equals the twin', () => {
  const key = fc.option(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { nil: undefined, freq: 4 });
  const rows = fc.integer({ min: 0, max: 7 });
  const passes = fc.tuple(rows, rows).chain(([l, r]) =>
    fc
      .tuple(
        fc.array(fc.nat({ max: 5 }), { minLength: l, maxLength: l }),
        fc.array(fc.nat({ max: 5 }), { minLength: r, maxLength: r }),
      )
      .chain(([left, right]) =>
        fc.array(
          fc
            .tuple(
              fc.array(key, { minLength: l, maxLength: l }),
              fc.array(key, { minLength: r, maxLength: r }),
            )
            .map(([ours, theirs]) => columns(ours, theirs, { left, right })),
          { maxLength: 4 },
        ),
      ),
  );
  const rules = fc.constantFrom<MatchRule>('one-to-one', 'one-to-many', 'all');
  fc.assert(
    fc.property(passes, rules, (list, rule) => {
      const { pairs } = cascade(list, rule);
      deepStrictEqual(pairs, twin(list, rule));
      if (rule !== 'one-to-one') return;
      const people = (side: 'left' | 'right', at: 0 | 1): number[] =>
        pairs.map((pair) => list[0]![side].people[pair[at]]!);
      for (const list of [people('left', 0), people('right', 1)])
        equal(new Set(list).size, list.length);
    }),
    { numRuns: 1000 },
  );
});
