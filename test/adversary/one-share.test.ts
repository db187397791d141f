/**
 * Rulings, test 2: for one run id a holder gives one share in total, whatever it is asked and
 * however often it dies between storing and sending.
 */
import { deepStrictEqual, rejects, strictEqual } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { toHex } from '../../src/base/bytes.ts';
import type { CompiledRun } from '../../src/flows/pooled/compile-run.ts';
import { encodeContribution } from '../../src/flows/pooled/contribution.ts';
import { keySharesOf } from '../../src/flows/pooled/key-epoch.ts';
import { decodeReservation } from '../../src/flows/pooled/reservation.ts';
import { encryptVector } from '../../src/he/collective/vector.ts';
import type { LedgerHead } from '../../src/ledger/entry.ts';
import { systemRng } from '../../src/base/rng.ts';
import type { Frame } from '../../src/flows/frame.ts';
import { ExactNoise } from '../support/exact-noise.ts';
import { type LabHolder, PooledLab } from '../support/pooled-lab.ts';
import { refusal } from '../support/refusal.ts';

const QUERY = { groupBy: ['holder', 'sex'], rho: '1/10' };

const shares = (lab: PooledLab, from: string): string[] =>
  lab.network.transcript
    .filter((frame) => frame.kind === 'share' && frame.from === from)
    .map((frame) => toHex(frame.body));

async function open(): Promise<{ lab: PooledLab; jp: LabHolder; lu: LabHolder; run: CompiledRun }> {
  const lab = await PooledLab.counting({ jp: 5n, lu: 7n });
  const [jp, lu] = lab.holders;
  if (jp === undefined || lu === undefined) throw new Error('two holders');
  return { lab, jp, lu, run: lab.compile(QUERY) };
}

/** Another well-formed input of `jp` for the same run: the sum becomes another one. */
async function otherInput(jp: LabHolder, run: CompiledRun, head: LedgerHead): Promise<Uint8Array> {
  const values = [new Uint32Array(run.plan.slots).fill(1)];
  const keys = await keySharesOf(run, jp);
  return encodeContribution(run, head, await encryptVector(run.sets, keys, values, systemRng));
}

describe('one share for one run', () => {
  test('asked again with another sum, it refuses and has sent one', async () => {
    const { lab, jp, lu, run } = await open();
    using _ = lab;
    await Promise.all([lab.hold(jp, run, ExactNoise), lab.hold(lu, run, ExactNoise)]);
    const reserved = lab.network.transcript.find(
      ({ kind, from }) => kind === 'reservation' && from === 'jp',
    );
    const { head } = decodeReservation(reserved?.body ?? new Uint8Array(0), run);
    const other = await otherInput(jp, run, head);
    lab.network.tamper = (frame: Frame) =>
      frame.kind === 'contribution' && frame.from === 'jp' ? { ...frame, body: other } : frame;
    await rejects(lab.hold(lu, run, ExactNoise), refusal('SHARE_REFUSED'));
    strictEqual(shares(lab, 'lu').length, 1);
    deepStrictEqual([...lu.keys.entered.values()], [1], 'one ciphertext was counted once');
  });

  for (const step of ['reservation', 'contribution', 'share']) {
    test(`dead after ${step} was stored, it goes on with the same bytes`, async () => {
      const { lab, jp, lu, run } = await open();
      using _ = lab;
      lu.steps.dieAfter = step;
      const first = lab.hold(lu, run, ExactNoise);
      const others = [lab.hold(jp, run, ExactNoise), lab.assemble(run)];
      await rejects(first, refusal('SHUTTING_DOWN'));
      const stored = new Map(lu.steps.stored);
      lu.steps.dieAfter = undefined;
      await Promise.all([lab.hold(lu, run, ExactNoise), ...others]);
      for (const [name, bytes] of stored) deepStrictEqual(lu.steps.stored.get(name), bytes);
      strictEqual(shares(lab, 'lu').length, 1);
      const account = await lu.ledger.account(lab.study.id);
      strictEqual(account.spent.rho.toString(), '1/10', 'charged once');
    });
  }

  test('another attempt encrypts the same noised vector and is free', async () => {
    const { lab, jp, lu, run } = await open();
    using _ = lab;
    const all = (r: CompiledRun): Promise<unknown>[] => [
      lab.hold(jp, r, ExactNoise),
      lab.hold(lu, r, ExactNoise),
    ];
    const [first] = await Promise.all([lab.assemble(run), ...all(run)]);
    const again = lab.compile(QUERY, 2);
    const [second] = await Promise.all([lab.assemble(again), ...all(again)]);
    deepStrictEqual(second.body.cells, first.body.cells);
    deepStrictEqual(
      second.attestations.map(({ attestation }) => attestation.charged),
      [false, false],
    );
    for (const holder of [jp, lu]) {
      strictEqual((await holder.ledger.account(lab.study.id)).spent.rho.toString(), '1/10');
    }
  });
});
