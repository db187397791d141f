/** Compressed Arrow with one byte changed anywhere: rows or a refusal; never a crash, never for ever. */
import { deepStrictEqual, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'vitest';
import { Refusal } from '../../../src/base/errors.ts';
import { load, section } from './loaded.ts';

for (const name of ['pyarrow-lz4.feather', 'pyarrow-lz4.arrows']) {
  test(name, { timeout: 600_000 }, async () => {
    const file = readFileSync(path.join(import.meta.dirname, 'vectors', name));
    const codes = new Set<string>();
    for (let at = 0; at < file.length; at += 5) {
      for (const flip of [0x5a, 0xff]) {
        const changed = Uint8Array.from(file);
        changed[at] = (changed[at] ?? 0) ^ flip;
        await load(section(), [changed]).then(
          () => codes.add('loaded'),
          (error: unknown) =>
            codes.add(error instanceof Refusal ? String(error.code) : 'not a refusal'),
        );
      }
    }
    const unexpected = [...codes].filter((code) => !/^(?:loaded|COHORT_[A-Z_]+)$/.test(code));
    deepStrictEqual(unexpected, []);
    ok(codes.has('loaded') && codes.has('COHORT_UNREADABLE'));
  });
}
