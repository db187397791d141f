import { deepEqual, equal, notEqual, throws } from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { append, verifyChain } from '../../src/ledger/chain.ts';
import { emptyHead, type Entry, type EntryBody, headOf } from '../../src/ledger/entry.ts';
import { checkHead } from '../../src/ledger/mirror.ts';
import { fold, readLedger } from '../../src/ledger/fold.ts';
import { emptyState } from '../../src/ledger/state.ts';
import { refusal } from '../support/refusal.ts';
import { amount, id, LedgerScript, plain } from './ledger-script.ts';

const corrupt = refusal('LEDGER_CORRUPT');
const TIME = '2026-03-01T12:00:00.000Z';

function written(): LedgerScript {
  const ledger = new LedgerScript();
  ledger.grant('study', amount('1/1'));
  for (const run of ['a', 'b', 'c']) {
    ledger.reserve('study', run, run, amount('1/10'));
    ledger.touch(run);
    ledger.vector(run);
    ledger.settle(run);
  }
  ledger.reserve('study', 'd', 'a', amount('1/10'));
  ledger.reserve('study', 'e', 'e', amount('1/10'));
  ledger.abort('e');
  return ledger;
}

const { entries, state } = written();
const verify = (chain: readonly Entry[]) => verifyChain(emptyHead('lu'), chain);

/** Every text and number in an entry, each replaced by another valid one. */
const alterations: ((entry: Entry) => Entry)[] = [
  (entry) => ({ ...entry, sequence: entry.sequence + 1 }),
  (entry) => ({ ...entry, previous: id('x') }),
  (entry) => ({ ...entry, time: '2026-03-01T12:00:01.000Z' }),
  (entry) => ({ ...entry, hash: id('x') }),
  (entry) => ({ ...entry, body: { type: 'abort', run: id('x') } }),
  (entry) => {
    const body = { ...entry.body, [entry.body.type === 'grant' ? 'study' : 'run']: id('x') };
    return { ...entry, body };
  },
  (entry) =>
    entry.body.type === 'grant' || entry.body.type === 'reserve'
      ? { ...entry, body: { ...entry.body, rho: '1/1000' } }
      : { ...entry, hash: entry.previous },
];

describe('chain', () => {
  test('verifies, from the beginning and from any head seen before', () => {
    deepEqual(verify(entries), state.head);
    entries.forEach((entry, i) => {
      deepEqual(verifyChain(headOf(entry), entries.slice(i + 1)), state.head);
    });
  });
  test('finds every single altered entry', () => {
    for (const alter of alterations) {
      entries.forEach((entry, i) => {
        throws(() => verify(entries.with(i, alter(entry))), corrupt);
      });
    }
  });
  test('finds an altered entry with its hash recomputed: the next one does not follow', () => {
    entries.slice(0, -1).forEach((entry, i) => {
      const before = i === 0 ? emptyHead('lu') : headOf(entries[i - 1] ?? entry);
      const forged = append(before, TIME, { type: 'abort', run: id('x') });
      throws(() => verify(entries.with(i, forged)), corrupt);
    });
  });
  test('finds entries removed, repeated and exchanged; a missing end changes the head', () => {
    const index = fc.integer({ min: 0, max: entries.length - 1 });
    fc.assert(
      fc.property(index, index, (i, j) => {
        const [a, b] = [entries[i], entries[j]];
        if (a === undefined || b === undefined) return;
        if (i < entries.length - 1) throws(() => verify(entries.toSpliced(i, 1)), corrupt);
        throws(() => verify(entries.toSpliced(j, 0, a)), corrupt);
        if (i !== j) throws(() => verify(entries.with(i, b).with(j, a)), corrupt);
        notEqual(verify(entries.slice(0, i)).hash, state.head.hash);
      }),
    );
  });
  test('a chain of another holder does not verify', () => {
    throws(() => verifyChain(emptyHead('jp'), entries), corrupt);
  });
  test('append refuses what is not an entry', () => {
    const invalid = refusal('INVALID_PARAMETER');
    const bad: EntryBody[] = [
      { type: 'touch', run: 'short' },
      { type: 'touch', run: id('a').toUpperCase() },
      { type: 'grant', study: id('s'), rho: '2/4', delta: '0/1' },
      { type: 'grant', study: id('s'), rho: '-1/4', delta: '0/1' },
      { type: 'grant', study: id('s'), rho: '0.25', delta: '0/1' },
      { type: 'grant', study: id('s'), rho: '1e3', delta: '0/1' },
      { type: 'grant', study: id('s'), rho: '1/4', delta: '1/1' },
    ];
    for (const body of bad) throws(() => append(emptyHead('lu'), TIME, body), invalid);
    const body: EntryBody = { type: 'touch', run: id('a') };
    for (const time of ['', 'today', '2026-03-01', '2026-03-01T12:00:00+01:00']) {
      throws(() => append(emptyHead('lu'), time, body), invalid);
    }
  });
});

describe('reading a stored ledger', () => {
  test('gives the state that was built step by step', () => {
    deepEqual(plain(readLedger('lu', entries)), plain(state));
    const folded = fold(fold(emptyState('lu'), entries.slice(0, 5)), entries.slice(5));
    deepEqual(plain(folded), plain(state));
  });
  test('refuses a chain whose entries are not legal where they stand', () => {
    const illegal: EntryBody[][] = [
      [{ type: 'touch', run: id('a') }],
      [
        { type: 'grant', study: id('s'), rho: '1/10', delta: '0/1' },
        { type: 'grant', study: id('s'), rho: '1/10', delta: '0/1' },
      ],
      [
        { type: 'grant', study: id('s'), rho: '1/10', delta: '0/1' },
        {
          type: 'reserve',
          study: id('s'),
          run: id('a'),
          plan: id('p'),
          vectorKey: id('k'),
          rho: '1/9',
          delta: '0/1',
          commitment: id('c'),
        },
      ],
      [
        { type: 'grant', study: id('s'), rho: '1/10', delta: '0/1' },
        {
          type: 'replay',
          study: id('s'),
          run: id('a'),
          plan: id('p'),
          vectorKey: id('k'),
          of: id('b'),
        },
      ],
    ];
    for (const bodies of illegal) {
      let head = emptyHead('lu');
      const chain = bodies.map((body) => {
        const entry = append(head, TIME, body);
        head = headOf(entry);
        return entry;
      });
      equal(verify(chain).sequence, chain.length); // the chain itself is sound
      throws(() => readLedger('lu', chain), corrupt);
    }
  });
  test('a fold does not change the state it starts from', () => {
    const before = fold(emptyState('lu'), entries.slice(0, 3));
    const copy = { ...plain(before), studies: new Map(before.studies) };
    fold(before, entries.slice(3));
    deepEqual(plain(before), copy);
  });
});

describe('mirror', () => {
  const now = state.head;
  test('accepts the first head, the same and a later one', () => {
    checkHead(undefined, now);
    checkHead(now, now);
    checkHead({ sequence: now.sequence - 1, hash: id('x') }, now);
  });
  test('refuses a smaller sequence and another hash at the same one', () => {
    const rollback = refusal('LEDGER_ROLLBACK');
    throws(() => {
      checkHead({ sequence: now.sequence + 1, hash: id('x') }, now);
    }, rollback);
    throws(() => {
      checkHead({ ...now, hash: id('x') }, now);
    }, rollback);
  });
  test('refuses what is not a head', () => {
    for (const bad of [
      { ...now, sequence: -1 },
      { ...now, sequence: 0.5 },
      { ...now, hash: '' },
    ]) {
      throws(() => {
        checkHead(undefined, bad);
      }, refusal('MALFORMED_MESSAGE'));
    }
  });
});
