/** LZ4 frames of the lz4 program, of a slow compressor of our own, and damaged ones. */
import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { decodeLz4Frame } from '../../../src/engine/duckdb/lz4-frame.ts';
import { xxHash32 } from '../../../src/engine/duckdb/xxhash32.ts';

const VECTORS = JSON.parse(
  readFileSync(path.join(import.meta.dirname, 'vectors', 'lz4-frames.json'), 'utf8'),
) as { readonly frames: Readonly<Record<string, string>> };
const TEXT = Array.from({ length: 8000 }, (_, i) => `${(i * i) % 31} kakehashi\n`).join('');
const LIMIT = 1 << 24;

const bytes = (base64: string): Uint8Array => Uint8Array.from(Buffer.from(base64, 'base64'));
const textOf = (frame: Uint8Array, limit = LIMIT): string | undefined => {
  const content = decodeLz4Frame(frame, limit);
  return content === undefined ? undefined : Buffer.from(content).toString();
};

describe('frames of lz4 1.9.4', () => {
  for (const [name, frame] of Object.entries(VECTORS.frames)) {
    test(name, () => equal(textOf(bytes(frame)), TEXT));
  }

  test('of nothing, of a byte, and of what does not compress', () => {
    equal(textOf(bytes('BCJNGGRApwAAAAAFXcwC')), '');
    equal(textOf(bytes('BCJNGGRApwEAAIBhAAAAAFZ0DVU=')), 'a');
    const stored =
      'BCJNGGRApycAAIBOb2JvZHkgaW5zcGVjdHMgdGhlIHNwYW1taXNoIHJlcGV0aXRpb24AAAAALzsp4g==';
    equal(textOf(bytes(stored)), 'Nobody inspects the spammish repetition');
  });
});

/** The test vectors of the xxHash repository for a seed of 0, as far as ASCII goes. */
test('xxHash32', () => {
  const hash = (text: string) => xxHash32(Buffer.from(text)).toString(16);
  deepStrictEqual(
    [hash(''), hash('a'), hash('abc'), hash('Nobody inspects the spammish repetition')],
    ['2cc5d05', '550d7456', '32d153ff', 'e2293b2f'],
  );
});

/** A frame of one block: literals and matches wherever four bytes come again, as far back as can be. */
function compressed(data: Uint8Array): Uint8Array {
  const out: number[] = [];
  const more = (length: number): void => {
    let left = length - 15;
    for (; left >= 255; left -= 255) out.push(255);
    out.push(left);
  };
  const sequence = (literals: Uint8Array, offset: number, match: number): void => {
    const [l, m] = [Math.min(15, literals.length), match === 0 ? 0 : Math.min(15, match - 4)];
    out.push((l << 4) | m);
    if (l === 15) more(literals.length);
    out.push(...literals);
    if (match === 0) return;
    out.push(offset & 255, offset >> 8);
    if (m === 15) more(match - 4);
  };
  let from = 0;
  for (let at = 1; at + 4 < data.length; at += 1) {
    const back = data.indexOf(data[at]!, Math.max(0, at - 65_535));
    let match = 0;
    while (at + match + 5 < data.length && data[back + match] === data[at + match]) match += 1;
    if (back >= at || match < 4) continue;
    sequence(data.subarray(from, at), at - back, match);
    at += match - 1;
    from = at + 1;
  }
  sequence(data.subarray(from), 0, 0);
  const head = [0x60, 0x70];
  const word = (value: number) => [0, 8, 16, 24].map((shift) => (value >>> shift) & 255);
  const check = (xxHash32(Uint8Array.from(head)) >>> 8) & 255;
  return Uint8Array.from([
    ...word(0x184d2204),
    ...head,
    check,
    ...word(out.length),
    ...out,
    ...word(0),
  ]);
}

const repetitive = fc
  .array(
    fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 9 }), fc.integer({ min: 1, max: 400 })),
    {
      maxLength: 12,
    },
  )
  .map((parts) =>
    Uint8Array.from(
      parts.flatMap(([part, times]) => Array.from({ length: times }, () => [...part]).flat()),
    ),
  );

describe('frames of our own', () => {
  test('come back, and matches may overlap with themselves', () => {
    let saved = 0;
    fc.assert(
      fc.property(repetitive, (data) => {
        const frame = compressed(data);
        saved += data.length - frame.length;
        deepStrictEqual(decodeLz4Frame(frame, LIMIT), data);
      }),
      { numRuns: 60 },
    );
    ok(saved > 10_000, `control: ${saved} bytes were saved`);
  });
});

describe('no content', () => {
  const frame = bytes(VECTORS.frames['linked blocks, content size'] ?? '');

  test('of a frame beyond the limit', () => {
    equal(decodeLz4Frame(frame, TEXT.length - 1), undefined);
    const unsized = bytes(VECTORS.frames['no content checksum'] ?? '');
    equal(decodeLz4Frame(unsized, TEXT.length - 1), undefined);
    equal(textOf(unsized, TEXT.length), TEXT);
  });

  test('of a frame that was cut, added to, or changed anywhere', () => {
    for (let length = 0; length < frame.length; length += 1) {
      equal(decodeLz4Frame(frame.subarray(0, length), LIMIT), undefined, `${length} bytes`);
    }
    equal(decodeLz4Frame(Uint8Array.from([...frame, 0]), LIMIT), undefined);
    let refused = 0;
    for (let at = 0; at < frame.length; at += 1) {
      const changed = Uint8Array.from(frame);
      changed[at] = (changed[at] ?? 0) ^ 0x41;
      // A match may find the same text elsewhere; other text never has the same checksum.
      const content = textOf(changed);
      if (content !== undefined) equal(content, TEXT, `byte ${at}`);
      else refused += 1;
    }
    ok(refused > frame.length / 2, `control: ${refused} were refused`);
  });
});
