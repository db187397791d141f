/** Counts of Arrow metadata are inside their bytes, or the file is refused before they are believed. */
import { doesNotThrow, ok } from 'node:assert/strict';
import { Field, Int32, Struct, Utf8 } from 'apache-arrow';
import { test } from 'vitest';
import { Refusal } from '../../../src/base/errors.ts';
import { checkMetadata, MESSAGE } from '../../../src/engine/duckdb/arrow-metadata.ts';
import { arrowStream, arrowTable } from './typed-files.ts';

/** The metadata of the first message of a stream: its schema. */
function schemaMetadata(): Uint8Array {
  const pair = new Struct([new Field('a', new Int32()), new Field('b', new Utf8())]);
  const bytes = arrowStream(
    arrowTable({ pid: [new Int32(), [1]], s: [pair, [{ a: 1, b: 'x' }]], c: [new Utf8(), ['y']] }),
  );
  return bytes.slice(8, 8 + Buffer.from(bytes).readInt32LE(4));
}

test('a schema as it was written passes, one with a list of two billion columns does not', () => {
  const metadata = schemaMetadata();
  doesNotThrow(() => checkMetadata(metadata, MESSAGE, 'file 1'));
  let refused = 0;
  for (let at = 0; at + 4 <= metadata.length; at += 4) {
    const view = new DataView(metadata.slice().buffer);
    // The lists are one of three columns and one of two children.
    if (![2, 3].includes(view.getInt32(at, true))) continue;
    view.setInt32(at, 0x7fffffff, true);
    try {
      checkMetadata(new Uint8Array(view.buffer), MESSAGE, 'file 1');
    } catch (error) {
      ok(error instanceof Refusal && error.code === 'COHORT_UNREADABLE');
      refused += 1;
    }
  }
  ok(refused >= 2, `${refused} refused`);
});

test('an offset that points backwards, and no bytes at all', () => {
  const metadata = schemaMetadata();
  new DataView(metadata.buffer).setInt32(0, -8, true);
  for (const bytes of [metadata, new Uint8Array(0), new Uint8Array(3)]) {
    try {
      checkMetadata(bytes, MESSAGE, 'file 1');
      ok(false, 'accepted');
    } catch (error) {
      ok(error instanceof Refusal && error.code === 'COHORT_UNREADABLE');
    }
  }
});
