/** What stands below the tables: price, privacy, budget, and whether they are of now. */
import { match, ok } from 'node:assert/strict';
import { test } from 'vitest';
import { answerLines } from '../../src/cli/answer-view.ts';
import type { Release } from '../../src/client/release.ts';

const RUN = 'a'.repeat(64);
const study = { cohort: { columns: {} }, minimumCell: 0 };

const release = {
  id: RUN,
  cells: [],
  curves: [],
  tests: [],
  incidences: [],
  estimates: [],
  disclosure: [],
  privacy: {
    rho: '1/50',
    epsilon: '0.9000',
    delta: '1/1000000',
    attacker: '1.7',
    outsider: { rho: '1/100', epsilon: '0.6000', attacker: '1.5', law: 'exact' },
  },
  spent: { lu: { rho: '1/50', delta: '0/1' } },
  left: { lu: { rho: '12/25', delta: '0/1' } },
  receipt: {
    run: RUN,
    holders: [{ attestation: { holder: 'lu', charged: true, law: { name: 'discrete-gaussian' } } }],
  },
} as unknown as Release;

const text = (before: boolean): string => answerLines(release, study, before).join('\n');

test('a release that was paid for now', () => {
  match(text(false), /^price: rho 1\/50 \(0\.02\) at every holder$/m);
  ok(!text(false).includes('as it stood'));
  match(
    text(false),
    /finds at most 1\.7 of 100 people; an outsider 1\.5 \(epsilon 0\.6000, exact\)$/m,
  );
});

test('one that a holder chose from its own rows', () => {
  const attestation = { holder: 'lu', charged: true, law: { name: 'chosen' } };
  const chosen = { ...release, receipt: { run: RUN, holders: [{ attestation }] } };
  const lines = answerLines(chosen as unknown as Release, study).join('\n');
  match(lines, /^price: rho 1\/50 \(0\.02\) at lu$/m);
  match(lines, /^Chosen at random inside lu/m);
  ok(!lines.includes('half width'));
});

test('one of before is free, and its budget is not called the budget of now', () => {
  match(text(true), /^price: free, released before at rho 1\/50 \(0\.02\)$/m);
  match(text(true), /^as it stood after that release:\nholder {2}rho spent/m);
});
