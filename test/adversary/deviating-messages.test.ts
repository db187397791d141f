/**
 * What a holder does with messages of a run that are not what they should be: it refuses with a
 * code, and where it has not touched data it spends nothing.
 */
import { rejects, strictEqual } from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { ErrorCode } from '../../src/base/errors.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { type Cbor, decodeCbor, encodeCbor } from '../../src/base/codec.ts';
import type { Frame, FrameKind } from '../../src/flows/frame.ts';
import { ExactNoise } from '../support/exact-noise.ts';
import { PooledLab } from '../support/pooled-lab.ts';
import { refusal } from '../support/refusal.ts';

type Case = {
  readonly name: string;
  readonly kind: FrameKind;
  readonly alter: (body: Uint8Array) => Uint8Array;
  readonly code: ErrorCode;
  /** Whether jp has touched data by then. */
  readonly touched: boolean;
};

const truncated = (body: Uint8Array): Uint8Array => body.subarray(0, body.length - 1);
const extended = (body: Uint8Array): Uint8Array => Uint8Array.of(...body, 0);
const replaced =
  (from: string, to: string) =>
  (body: Uint8Array): Uint8Array =>
    utf8(Buffer.from(body).toString('utf8').replace(from, to));

const CASES: readonly Case[] = [
  {
    name: 'another plan',
    kind: 'plan',
    alter: () => utf8('0'.repeat(64)),
    code: 'PLAN_MISMATCH',
    touched: false,
  },
  {
    name: 'a run key of another length',
    kind: 'run-key',
    alter: truncated,
    code: 'MALFORMED_MESSAGE',
    touched: false,
  },
  {
    name: 'a reservation of another amount',
    kind: 'reservation',
    alter: replaced('"rho":"1/10","run"', '"rho":"1/20","run"'),
    code: 'MALFORMED_MESSAGE',
    touched: false,
  },
  {
    name: 'a reservation that is not JSON',
    kind: 'reservation',
    alter: truncated,
    code: 'MALFORMED_MESSAGE',
    touched: false,
  },
  {
    name: 'a truncated contribution',
    kind: 'contribution',
    alter: truncated,
    code: 'MALFORMED_MESSAGE',
    touched: true,
  },
  {
    name: 'a contribution with a trailing byte',
    kind: 'contribution',
    alter: extended,
    code: 'MALFORMED_MESSAGE',
    touched: true,
  },
  {
    name: 'a contribution of nothing',
    kind: 'contribution',
    alter: () => encodeCbor([]),
    code: 'MALFORMED_MESSAGE',
    touched: true,
  },
  {
    name: 'a contribution under another ledger head than its reservation',
    kind: 'contribution',
    alter: (body) => {
      const fields = [...(decodeCbor(body) as readonly Cbor[])];
      fields[8] = Number(fields[8]) + 1;
      return encodeCbor(fields);
    },
    code: 'MALFORMED_MESSAGE',
    touched: true,
  },
  {
    name: 'a reservation that shows no amount',
    kind: 'reservation',
    alter: replaced('"delta":"0/1","rho":"1/10"', '"delta":"0/1","rho":"1e9"'),
    code: 'MALFORMED_MESSAGE',
    touched: false,
  },
  {
    name: 'a share of another length',
    kind: 'share',
    alter: truncated,
    code: 'MALFORMED_MESSAGE',
    touched: true,
  },
];

describe('messages of a holder that deviates', () => {
  for (const { name, kind, alter, code, touched } of CASES) {
    test(`${name}: ${code}`, async () => {
      using lab = await PooledLab.counting({ jp: 5n, lu: 7n });
      const [jp, lu] = lab.holders;
      if (jp === undefined || lu === undefined) throw new Error('two holders');
      const run = lab.compile({ groupBy: ['sex'], rho: '1/10' });
      // lu sends what it should; on its way to jp one message becomes another.
      lab.network.tamper = (frame: Frame, receiver) =>
        frame.kind === kind && frame.from === 'lu' && receiver === 'jp'
          ? { ...frame, body: alter(frame.body) }
          : frame;
      const other = lab.hold(lu, run, ExactNoise).catch(() => undefined);
      await rejects(lab.hold(jp, run, ExactNoise), refusal(code));
      strictEqual(await jp.ledger.touched(run.run), touched);
      if (!touched) {
        await jp.ledger.abort(run.run);
        const { spent, reserved } = await jp.ledger.account(lab.study.id);
        strictEqual(spent.rho.toString(), '0/1');
        strictEqual(reserved.rho.toString(), '0/1');
      }
      void other;
    });
  }

  test("another study's contribution is not added", async () => {
    using foreign = await PooledLab.counting({ jp: 1n, lu: 1n });
    const theirs = foreign.compile({ groupBy: ['sex'], rho: '1/10' });
    await Promise.all(foreign.holders.map((holder) => foreign.hold(holder, theirs, ExactNoise)));
    const stray = foreign.network.transcript.find(
      (frame) => frame.kind === 'contribution' && frame.from === 'lu',
    );
    using lab = await PooledLab.counting({ jp: 5n, lu: 7n });
    const [jp, lu] = lab.holders;
    if (jp === undefined || lu === undefined || stray === undefined) throw new Error('set up');
    const run = lab.compile({ groupBy: ['sex'], rho: '1/10' });
    lab.network.tamper = (frame, receiver) =>
      frame.kind === 'contribution' && receiver === 'jp' ? { ...frame, body: stray.body } : frame;
    void lab.hold(lu, run, ExactNoise).catch(() => undefined);
    await rejects(lab.hold(jp, run, ExactNoise), refusal('MALFORMED_MESSAGE'));
    strictEqual(
      lab.network.transcript.some((f) => f.kind === 'share' && f.from === 'jp'),
      false,
    );
  });

  test('control: unaltered, the same run ends', async () => {
    using lab = await PooledLab.counting({ jp: 5n, lu: 7n });
    const { body } = await lab.release({ groupBy: ['sex'], rho: '1/10' }, ExactNoise);
    strictEqual(body.cells[0]?.value, 12);
  });
});
