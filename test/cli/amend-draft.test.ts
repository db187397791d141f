/** Changes of a draft: what is in it is changed, and what is not there is said before anything is signed. */
import { deepStrictEqual, throws } from 'node:assert/strict';
import { test } from 'vitest';
import { amendedDraft, type DraftChanges } from '../../src/cli/amend-draft.ts';
import { refusal } from '../support/refusal.ts';

const DRAFT = {
  title: 'A study',
  holders: [
    { name: 'lu', stewards: { need: 1, keys: ['k1', 'k2'] } },
    { name: 'jp', stewards: { need: 1, keys: ['k3'] } },
  ],
  analysts: [{ name: 'ana', key: 'a1' }],
  operations: ['count', 'mean'],
  budget: { lu: { rho: '1', delta: '1/10' }, jp: { rho: '1', delta: '1/10' } },
};
const pairs = (...all: readonly (readonly [string, string])[]) => new Map(all);

test('members change by name, and the others stay', () => {
  const changes: DraftChanges = {
    addSteward: pairs(['lu', 'k4,k5']),
    removeSteward: pairs(['lu', 'k1']),
    need: pairs(['lu', '2']),
    addAnalyst: pairs(['ana', 'a2'], ['bob', 'b1']),
    addOperation: ['sum'],
    removeOperation: ['mean'],
    budget: pairs(['jp', '2']),
    minimumCell: 5,
  };
  deepStrictEqual(amendedDraft(DRAFT, changes), {
    title: 'A study',
    minimumCell: 5,
    holders: [
      { name: 'lu', stewards: { need: 2, keys: ['k2', 'k4', 'k5'] } },
      { name: 'jp', stewards: { need: 1, keys: ['k3'] } },
    ],
    analysts: [
      { name: 'ana', key: 'a2' },
      { name: 'bob', key: 'b1' },
    ],
    operations: ['count', 'sum'],
    budget: { lu: { rho: '1', delta: '1/10' }, jp: { rho: '2', delta: '1/10' } },
  });
  deepStrictEqual(amendedDraft(DRAFT, { removeAnalyst: ['ana'] }), { ...DRAFT, analysts: [] });
});

test('of a holder, steward or analyst that is not in it: refused', () => {
  for (const changes of [
    { addSteward: pairs(['fr', 'k9']) },
    { removeSteward: pairs(['fr', 'k1']) },
    { need: pairs(['fr', '1']) },
    { budget: pairs(['fr', '1']) },
    { removeSteward: pairs(['lu', 'k3']) },
    { removeAnalyst: ['eve'] },
  ] satisfies DraftChanges[]) {
    throws(() => amendedDraft(DRAFT, changes), refusal('USAGE'));
  }
});
