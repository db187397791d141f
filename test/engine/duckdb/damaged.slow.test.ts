/** Binary files with one byte changed anywhere: the same rows, other rows or a refusal; never a crash. */
import { deepStrictEqual } from 'node:assert/strict';
import { Float64, Int32, Utf8 } from 'apache-arrow';
import { test } from 'vitest';
import { Refusal } from '../../../src/base/errors.ts';
import { load, section } from './loaded.ts';
import { type ArrowColumns, arrowFile, arrowStream, arrowTable, parquet } from './typed-files.ts';

const cohort = section({
  columns: {
    age: { type: 'integer', min: 0, max: 110 },
    bmi: { type: 'number', min: 10, max: 60, step: '1/10' },
  },
});
const columns: ArrowColumns = {
  pid: [new Utf8(), ['aa', 'bb', null, 'dd']],
  age: [new Int32(), [10, 20, 30, null]],
  bmi: [new Float64(), [20.5, null, 30.1, 40]],
};
const SQL = `SELECT 'x' || i AS pid, i AS age, i + 20.5::DOUBLE AS bmi FROM range(4) AS t(i)`;
const files = {
  'Arrow file': () => arrowFile(arrowTable(columns)),
  'Arrow stream': () => arrowStream(arrowTable(columns)),
  Parquet: () => parquet(SQL),
};

for (const [name, make] of Object.entries(files)) {
  test(name, { timeout: 600_000 }, async () => {
    const file = await make();
    const codes = new Set<string>();
    for (let at = 0; at < file.length; at += 3) {
      for (const flip of [0x5a, 0xff]) {
        const changed = Uint8Array.from(file);
        changed[at] = (changed[at] ?? 0) ^ flip;
        await load(cohort, [changed]).then(
          () => codes.add('loaded'),
          (error: unknown) =>
            codes.add(error instanceof Refusal ? String(error.code) : 'not a refusal'),
        );
      }
    }
    const unexpected = [...codes].filter((code) => !/^(?:loaded|COHORT_[A-Z_]+)$/.test(code));
    deepStrictEqual(unexpected, []);
    deepStrictEqual(codes.has('loaded') && codes.has('COHORT_UNREADABLE'), true);
  });
}
