/** Valid bytes, damaged: what a decoder must refuse in its own words, or take. */
import * as fc from 'fast-check';
import { concat, fromUtf8, utf8 } from '../../src/base/bytes.ts';

type Cut = { readonly kind: string; readonly at: number; readonly n: number };

const LENGTHS = [
  [0xff, 0xff, 0xff, 0xff],
  [0xff, 0xff, 0xff, 0x7f],
  [0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  [0x5b, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0xff],
  [0, 0, 0, 0],
];

/** One cut of `bytes`; `at` and `n` are taken modulo what there is. */
export function cut(bytes: Uint8Array, { kind, at: where, n }: Cut): Uint8Array {
  const at = where % (bytes.length + 1);
  switch (kind) {
    case 'flip': {
      const out = bytes.slice();
      if (at < out.length) out[at]! ^= 1 << (n % 8);
      return out;
    }
    case 'truncate':
      return bytes.slice(0, at);
    case 'remove':
      return concat(bytes.slice(0, at), bytes.slice(at + 1 + (n % 16)));
    case 'repeat':
      return concat(bytes.slice(0, at), bytes.slice(at, at + (n % 64)), bytes.slice(at));
    default: {
      const length = LENGTHS[n % LENGTHS.length]!;
      const out = new Uint8Array(Math.max(bytes.length, at + length.length));
      out.set(bytes);
      out.set(length, at);
      return out;
    }
  }
}

const oneCut = fc.record({
  kind: fc.constantFrom('flip', 'truncate', 'remove', 'repeat', 'length'),
  at: fc.nat(100_000),
  n: fc.nat(1000),
});

/** Up to four cuts, or bytes out of nowhere. */
export const damaged = (valid: Uint8Array): fc.Arbitrary<Uint8Array> =>
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc
        .array(oneCut, { minLength: 1, maxLength: 4 })
        .map((cuts) => cuts.reduce(cut, valid)),
    },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }) },
  );

type Node = null | boolean | number | string | Node[] | { [name: string]: Node };

const LEAVES = fc.oneof(
  fc.constantFrom<Node>(
    null,
    true,
    0,
    -1,
    1e300,
    2 ** 53,
    '',
    '0/0',
    '1/0',
    '-1/2',
    `1/${'9'.repeat(500)}`,
  ),
  fc.constantFrom<Node>(
    [],
    {},
    [[]],
    'ed25519:',
    '0'.repeat(64),
    '2026-02-30',
    '__proto__',
    'a'.repeat(5000),
  ),
  fc.string({ maxLength: 6 }),
);

const NAMES = ['constructor', 'toString', 'hasOwnProperty', 'format', 'x'];

/** The same with one place changed: another value, a member more, a member less. */
function changed(node: Node, path: readonly number[], leaf: Node): Node {
  const [step, ...rest] = path;
  if (step === undefined || typeof node !== 'object' || node === null) return leaf;
  if (Array.isArray(node)) {
    if (node.length === 0) return [leaf];
    const at = step % node.length;
    return node.map((item, i) => (i === at ? changed(item, rest, leaf) : item));
  }
  const names = Object.keys(node);
  const name = names[step % (names.length + 1)];
  if (name === undefined) return { ...node, [NAMES[step % NAMES.length]!]: leaf };
  if (rest.length === 0 && step % 3 === 0) {
    return Object.fromEntries(Object.entries(node).filter(([key]) => key !== name));
  }
  return { ...node, [name]: changed(node[name]!, rest, leaf) };
}

/** A JSON text that is well formed, with up to three places changed; or damaged as bytes. */
export const damagedJson = (valid: Uint8Array): fc.Arbitrary<Uint8Array> => {
  const place = fc.tuple(fc.array(fc.nat(30), { minLength: 1, maxLength: 6 }), LEAVES);
  const within = fc.array(place, { minLength: 1, maxLength: 3 }).map((places) => {
    const start = JSON.parse(fromUtf8(valid)) as Node;
    return utf8(
      JSON.stringify(places.reduce((node, [path, leaf]) => changed(node, path, leaf), start)),
    );
  });
  return fc.oneof({ weight: 4, arbitrary: within }, { weight: 1, arbitrary: damaged(valid) });
};
