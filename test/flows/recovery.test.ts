/** What a restored holder concludes from what it is told, and what it refuses. */
import { deepStrictEqual, ok, strictEqual, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { sha256Hex } from '../../src/base/hash.ts';
import {
  conclude,
  encodeRecovery,
  isOfRecovery,
  type Mirror,
  readMirror,
  recoveryRun,
  type Seen,
} from '../../src/flows/recovery.ts';
import { refusal } from '../support/refusal.ts';

const id = (name: string): string => sha256Hex(utf8(name));
const head = (sequence: number, name = `entry ${sequence}`) => ({ sequence, hash: id(name) });
const study = id('study');
const nonce = '0'.repeat(32);
const saw = (run: string, sequence: number, rho: string, delta = '0/1'): Seen => ({
  run: id(run),
  head: head(sequence),
  used: { rho, delta },
});

describe('a conclusion', () => {
  test('is the largest head, the largest of each amount, the newest epoch, and every run', () => {
    const heard = [
      { study, seen: [saw('a', 5, '1/4'), saw('b', 9, '1/8', '1/1000')], heads: [], epochs: [2] },
      { study, seen: [saw('c', 7, '1/2')], heads: [head(12)], epochs: [4, 1] },
    ];
    const { head: last, used, epochs, runs } = conclude([head(3)], heard);
    deepStrictEqual(last, head(12));
    const counted = used.get(study);
    deepStrictEqual(
      [counted?.used.rho.toString(), counted?.used.delta.toString(), counted?.disclosures],
      ['1/2', '1/1000', 0],
    );
    strictEqual(epochs.get(study), 4);
    deepStrictEqual([...runs.keys()].sort(), ['a', 'b', 'c'].map(id).sort());
  });

  test('counts a disclosure once, whoever tells of it, and nothing that the backup has', () => {
    const told = { ...saw('b', 5, '1/2'), discloses: 'set' };
    const heard = [
      { study, seen: [told, { ...saw('a', 3, '1/1'), discloses: 'set' }], heads: [], epochs: [] },
      { study, seen: [told, saw('c', 6, '1/4')], heads: [], epochs: [] },
    ];
    const counted = conclude([head(3)], heard).used.get(study);
    deepStrictEqual([counted?.used.rho.toString(), counted?.disclosures], ['1/2', 1]);
  });

  test('of nothing heard is nothing', () => {
    const { head: last, used } = conclude([head(3)], []);
    deepStrictEqual([last, used.size], [undefined, 0]);
  });

  test('of two histories is refused: two others, or another and the backup', () => {
    const fork = { ...head(5), hash: id('forked') };
    const one = { study, seen: [saw('a', 5, '1/4')], heads: [], epochs: [] };
    const other = { study, seen: [], heads: [fork], epochs: [] };
    throws(() => conclude([], [one, other]), refusal('LEDGER_ROLLBACK'));
    throws(() => conclude([fork], [one]), refusal('LEDGER_ROLLBACK'));
  });
});

describe('a message', () => {
  const mirror: Mirror = {
    nonce,
    of: 'lu',
    head: head(4),
    epoch: 1,
    checkpoint: { size: 3, root: id('root') },
    seen: [saw('a', 4, '1/4')],
  };
  const frame = {
    kind: 'mirror' as const,
    study,
    run: recoveryRun(study, nonce),
    body: encodeRecovery(mirror),
  };

  test('is read in the run of its study and nonce only', () => {
    deepStrictEqual(readMirror(frame), mirror);
    ok(isOfRecovery(frame));
    throws(() => readMirror({ ...frame, run: id('other') }), refusal('MALFORMED_MESSAGE'));
    throws(() => readMirror({ ...frame, study: id('other') }), refusal('MALFORMED_MESSAGE'));
    ok(!isOfRecovery({ ...frame, kind: 'share' }));
  });

  test('may say that the asker stopped the study, and what a run disclosed', () => {
    const said: Mirror = {
      ...mirror,
      stopped: true,
      seen: [{ ...saw('a', 4, '1/4'), discloses: 'cardinality' }],
    };
    deepStrictEqual(readMirror({ ...frame, body: encodeRecovery(said) }), said);
    const wrong = utf8(JSON.stringify({ ...said, stopped: false }));
    throws(() => readMirror({ ...frame, body: wrong }), refusal('MALFORMED_MESSAGE'));
  });

  test('with a field more, a field less or no amount is refused', () => {
    for (const wrong of [
      { ...mirror, more: 1 },
      { ...mirror, epoch: 0 },
      { ...mirror, seen: [{ ...saw('a', 4, '1/4'), used: { rho: '-1/4', delta: '0/1' } }] },
    ]) {
      const body = utf8(JSON.stringify(wrong));
      throws(() => readMirror({ ...frame, body }), refusal('MALFORMED_MESSAGE'));
    }
  });
});
