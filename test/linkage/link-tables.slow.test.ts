/**
 * A linkage at a size where chance matters: 20,000 people on each side, one in five in both, so that
 * 256 million pairs of strangers could meet.
 */
import { ok } from 'node:assert/strict';
import { test } from 'vitest';
import { Secret } from '../../src/base/secret.ts';
import { linkTables } from '../../src/linkage/link-tables.ts';
import { type IdPair, quality } from '../../src/linkage/quality.ts';
import { parseLinkage } from '../../src/linkage/spec.ts';
import { crossBorder } from '../support/cross-border.ts';

const columns = { id: 'id', family: 'family', given: 'given', birth: 'birth', sex: 'sex' };

test('20,000 by 20,000: doubtful passes are left out, precision holds', () => {
  const set = crossBorder('cross-border large', 20_000, 20, 'shared');
  // The own list has too few names for so many people.
  if (set === undefined) return;
  const spec = parseLinkage({ format: 'kakehashi/linkage/1', left: columns, right: columns });
  using secret = new Secret('study', new Uint8Array(32).fill(7));
  const { pairs, passes, left, right } = linkTables(set.left, set.right, spec, secret);
  const found = quality(
    pairs.map(([a, b]): IdPair => [left.ids[a]!, right.ids[b]!]),
    set.truth,
  );
  const wrong = found.found - found.correct;
  const expected = passes.reduce((sum, pass) => sum + (pass.used ? pass.expectedByChance : 0), 0);
  console.log(
    `20,000 by 20,000: precision ${found.precision.toFixed(4)}, recall ${found.recall.toFixed(4)}, F1 ${found.f1.toFixed(4)}; ` +
      `${wrong} wrong, ${expected.toFixed(1)} expected by chance`,
  );
  ok(found.precision >= 0.985 && found.recall >= 0.96);
  // The estimate is of the right size: within a factor of three and ten pairs.
  ok(wrong <= 3 * expected + 10 && expected <= 3 * wrong + 10);
  ok(passes.some(({ used }) => !used));
});
