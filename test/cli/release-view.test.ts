/** Tables as a clinician reads them. */
import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { ReleaseCell } from '../../src/analysis/release-table.ts';
import { groupLabel } from '../../src/cli/group-label.ts';
import { amountText, intervalText, numberText } from '../../src/cli/number-text.ts';
import { readingLines, releaseLines } from '../../src/cli/release-view.ts';
import { displayWidth, tableLines } from '../../src/cli/table.ts';

const TYPES = {
  age: { type: 'integer' },
  bmi: { type: 'number' },
  visit: { type: 'date' },
  arm: { type: 'category' },
};
const study = { cohort: { columns: TYPES }, minimumCell: 10 };

const cell = (
  group: ReleaseCell['group'],
  value: number | null,
  more: Partial<ReleaseCell> = {},
): ReleaseCell => ({
  group,
  measure: 'people',
  value,
  unit: '1',
  interval: value === null ? null : [value - 5.4, value + 5.4],
  noise: 3,
  suppressed: value === null,
  ...more,
});

test('labels of groups', () => {
  for (const [column, label, text] of [
    ['age', '[40,60)', '40–59'],
    ['age', '[40,41)', '40'],
    ['age', '40', '40'],
    ['age', '[-5,5)', '−5 to 4'],
    ['bmi', '[18.5,25)', '18.5 to under 25'],
    ['visit', '[2015-01-01,2016-01-01)', '2015-01-01 to under 2016-01-01'],
    // A category is shown as it is, whatever it looks like: the domain of race of a US file.
    ['arm', '[1,2)', '[1,2)'],
    ['age', null, 'no value'],
  ] as const) {
    strictEqual(groupLabel(column, label, TYPES), text);
  }
});

test('numbers', () => {
  deepStrictEqual([numberText(12345), numberText(-3)], ['12,345', '−3']);
  // Rounded outwards: an interval may not promise more than was released.
  strictEqual(intervalText([-0.2, 12.1]), '−1 to 13');
  deepStrictEqual(['1/200', '2/1', '0/1'].map(amountText), ['1/200 (0.005)', '2', '0']);
});

describe('a release', () => {
  test('holders side by side, pooled last, suppressed cells in words', () => {
    const lines = releaseLines(
      [
        cell({ holder: 'lu', age: '[0,40)' }, 1234),
        cell({ holder: 'lu', age: null }, null),
        cell({ holder: 'jp', age: '[0,40)' }, 20),
        cell({ holder: 'jp', age: null }, -3),
        cell({ age: '[0,40)' }, 1254, { noise: 4 }),
        cell({ age: null }, null, { noise: 4 }),
      ],
      study,
    );
    deepStrictEqual(lines, [
      'age       lu ±3  95 % interval    jp ±3  95 % interval  all holders ±4  95 % interval',
      '────────  ─────  ───────────────  ─────  ─────────────  ──────────────  ──────────────',
      '0–39      1,234  1,228 to 1,240      20  14 to 26                1,254  1,248 to 1,260',
      // One part is hidden, and the total for its sake: that need not be below 10.
      'no value         < 10 suppressed     −3  −9 to 3                        suppressed',
    ]);
  });

  test('a total is called small where it must be: every part or none is hidden', () => {
    const rows = releaseLines(
      [
        cell({ holder: 'lu', arm: 'a' }, null),
        cell({ holder: 'jp', arm: 'a' }, null),
        cell({ arm: 'a' }, null),
        cell({ arm: 'b' }, null),
      ],
      study,
    );
    for (const row of rows.slice(2)) match(row, /< 10 suppressed$/);
    deepStrictEqual(readingLines({ minimumCell: 10 }).slice(1), [
      'Counts below 10, and values of fewer rows, are not shown, nor a total that would give one away.',
    ]);
    strictEqual(readingLines({ minimumCell: 0 }).length, 1);
  });

  test('one number without any group', () => {
    deepStrictEqual(releaseLines([cell({}, 42)], study), [
      'all holders ±3  95 % interval',
      '──────────────  ─────────────',
      '            42  36 to 48',
    ]);
  });

  test('noise beside each value where it differs, a title for each of several measures', () => {
    const lines = releaseLines(
      [
        cell({ arm: 'a' }, 42),
        cell({ arm: 'b' }, 43, { noise: 7 }),
        cell({ arm: 'a' }, 1, { measure: 'visits' }),
      ],
      study,
    );
    deepStrictEqual(
      [lines[0], lines[3], lines[4], lines[6]],
      ['people', 'a             42  36 to 48  ±3', 'b             43  37 to 49  ±7', 'visits'],
    );
  });
});

describe('tables', () => {
  test('wide characters take two cells', () => {
    strictEqual(displayWidth('年齢'), 4);
    strictEqual(displayWidth('é'), 1);
    strictEqual(displayWidth('e\u0301'), 1);
    deepStrictEqual(
      tableLines(
        [{ title: 'x' }, { title: 'y' }],
        [
          ['男', '1'],
          ['b', '2'],
        ],
      ),
      ['x   y', '──  ─', '男  1', 'b   2'],
    );
  });

  test('a stranger cannot steer the terminal', () => {
    const [, , line] = tableLines([{ title: 'x' }], [['a\u001b[2Jb\u202ec']]);
    strictEqual(line, 'a\ufffd[2Jb\ufffdc');
  });
});
