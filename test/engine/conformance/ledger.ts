/**
 * What every adapter of the `Ledger` port must do. A factory opens the ledger of one holder on
 * storage that outlives it; `reopen` is a restart.
 */
import { deepStrictEqual, equal, notEqual, rejects } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { utf8 } from '../../../src/base/bytes.ts';
import { type Digest, sha256Hex } from '../../../src/base/hash.ts';
import { Rational } from '../../../src/base/rational.ts';
import type { Ledger, NoiseTicket, ReserveRequest } from '../../../src/flows/ports.ts';
import type { Amount } from '../../../src/ledger/entry.ts';
import type { NewCohort } from '../../../src/ledger/people.ts';
import { refusal } from '../../support/refusal.ts';

/** A ledger with what only its holder's own staff does. */
export type BookedLedger = Ledger & {
  load(study: Digest, cohort: NewCohort): Promise<void>;
  raise(study: Digest, grant: Digest, amount: Amount): Promise<void>;
};

export type OpenLedger = {
  readonly ledger: BookedLedger;
  /** Closes it and opens the same storage again. */
  readonly reopen: () => Promise<OpenLedger>;
};
export type LedgerFactory = (limit?: Amount) => Promise<OpenLedger>;

export const digest = (text: string): Digest => sha256Hex(utf8(text));
export const amount = (rho: string, delta = '0/1'): Amount => ({
  rho: Rational.parse(rho),
  delta: Rational.parse(delta),
});
const ticket = (name: string): NoiseTicket => ({
  sealedSeed: utf8(`sealed ${name}`),
  commitment: digest(`commitment ${name}`),
});
export const request = (name: string, overrides: Partial<ReserveRequest> = {}): ReserveRequest => ({
  study: digest('study'),
  run: digest(name),
  planDigest: digest(`plan ${name}`),
  vectorKey: digest(`vector ${name}`),
  rho: Rational.parse('1/10'),
  delta: Rational.ZERO,
  ticket: ticket(name),
  version: digest('version'),
  ...overrides,
});

/** Books people of the first epoch; the first call opens it. */
export async function loadPeople(ledger: BookedLedger, study: string, opens = true): Promise<void> {
  const people = opens ? digest('people') : undefined;
  await ledger.load(digest(study), { version: digest('version'), epochs: [1], people });
}

const left = async (ledger: Ledger): Promise<string> =>
  (await ledger.account(digest('study'))).left.rho.toString();

export function ledgerConformance(name: string, factory: LedgerFactory): void {
  const granted = async (limit?: Amount): Promise<OpenLedger> => {
    const opened = await factory(limit);
    await opened.ledger.grant(digest('study'), amount('3/10', '1/1000000'));
    await loadPeople(opened.ledger, 'study');
    return opened;
  };

  describe(`${name}: the Ledger port`, () => {
    test('charges exact fractions until nothing is left, and a refusal costs nothing', async () => {
      const { ledger } = await granted();
      for (const run of ['a', 'b', 'c']) equal((await ledger.reserve(request(run))).charged, true);
      equal(await left(ledger), '0/1');
      const before = await ledger.head();
      await rejects(ledger.reserve(request('d')), refusal('BUDGET_EXHAUSTED'));
      deepStrictEqual(await ledger.head(), before);
    });

    test('is idempotent by run and gives back the first ticket, also after a restart', async () => {
      const opened = await granted();
      const first = await opened.ledger.reserve(request('a'));
      const retry = request('a', { ticket: ticket('another') });
      deepStrictEqual(await opened.ledger.reserve(retry), first);
      const { ledger } = await opened.reopen();
      deepStrictEqual(await ledger.reserve(retry), first);
      equal(await left(ledger), '1/5');
      const other = request('a', { planDigest: digest('other') });
      await rejects(ledger.reserve(other), refusal('CONFLICT'));
    });

    test('replays a stored vector free, with the ticket that made it', async () => {
      const { ledger } = await granted();
      await ledger.reserve(request('a'));
      await ledger.touch(digest('a'));
      await ledger.keepVector(digest('a'), digest('bytes'));
      const again = request('b', { vectorKey: digest('vector a') });
      const replay = await ledger.reserve(again);
      equal(replay.charged, false);
      deepStrictEqual(replay.ticket, ticket('a'));
      equal(await ledger.vector(digest('b')), digest('bytes'));
      equal(await ledger.touched(digest('b')), false);
      await rejects(ledger.touch(digest('b')), refusal('PROTOCOL_STATE'));
      equal(await left(ledger), '1/5');
    });

    test('takes a noise ticket once', async () => {
      const { ledger } = await granted();
      await ledger.reserve(request('a'));
      const reused = request('b', { ticket: ticket('a') });
      await rejects(ledger.reserve(reused), refusal('CONFLICT'));
      equal(await left(ledger), '1/5');
    });

    test('gives back only what was not touched', async () => {
      const opened = await granted();
      const { ledger } = opened;
      await ledger.reserve(request('a'));
      await ledger.reserve(request('b'));
      await ledger.abort(digest('a'));
      await ledger.abort(digest('a'));
      await ledger.touch(digest('b'));
      equal(await ledger.touched(digest('b')), true);
      await rejects(ledger.abort(digest('b')), refusal('PROTOCOL_STATE'));
      await ledger.abort(digest('never seen'));
      equal(await left(ledger), '1/5');
      const { ledger: after } = await opened.reopen();
      await rejects(after.abort(digest('b')), refusal('PROTOCOL_STATE'));
      const { spent, reserved } = await after.account(digest('study'));
      deepStrictEqual([spent.rho.toString(), reserved.rho.toString()], ['1/10', '0/1']);
    });

    test('follows a run to its end, each step as often as one likes', async () => {
      const { ledger } = await granted();
      const run = digest('a');
      await rejects(ledger.touch(run), refusal('PROTOCOL_STATE'));
      await ledger.reserve(request('a'));
      await rejects(ledger.settle(run, digest('release')), refusal('PROTOCOL_STATE'));
      equal(await ledger.vector(run), undefined);
      for (const step of [
        () => ledger.touch(run),
        () => ledger.keepVector(run, digest('bytes')),
        () => ledger.settle(run, digest('release')),
      ]) {
        await step();
        const head = await ledger.head();
        await step();
        deepStrictEqual(await ledger.head(), head);
      }
      await rejects(ledger.keepVector(run, digest('other')), refusal('PROTOCOL_STATE'));
    });

    test('grants once; another grant is a conflict, an unknown study a refusal', async () => {
      const { ledger } = await granted();
      await ledger.grant(digest('study'), amount('3/10', '1/1000000'));
      await rejects(ledger.grant(digest('study'), amount('1/1')), refusal('CONFLICT'));
      await rejects(ledger.account(digest('other')), refusal('STUDY_UNKNOWN'));
      await rejects(
        ledger.reserve(request('a', { study: digest('other') })),
        refusal('STUDY_UNKNOWN'),
      );
    });

    test('caps the sum over studies', async () => {
      const { ledger } = await granted(amount('1/5', '1/2'));
      await ledger.grant(digest('other'), amount('1/1', '1/10'));
      await loadPeople(ledger, 'other', false);
      await ledger.reserve(request('a'));
      await ledger.reserve(request('b', { study: digest('other') }));
      await rejects(ledger.reserve(request('c')), refusal('HOLDER_LIMIT_EXHAUSTED'));
    });

    test('has a head that moves with every entry and stays over a restart', async () => {
      const opened = await granted();
      const head = await opened.ledger.head();
      await opened.ledger.reserve(request('a'));
      const next = await opened.ledger.head();
      equal(next.sequence, head.sequence + 1);
      notEqual(next.hash, head.hash);
      deepStrictEqual(await (await opened.reopen()).ledger.head(), next);
    });

    test('concurrent reservations in one process get exactly the budget', async () => {
      const { ledger } = await granted();
      const asked = Array.from({ length: 20 }, (_, i) => ledger.reserve(request(`run ${i}`)));
      const settled = await Promise.allSettled(asked);
      equal(settled.filter(({ status }) => status === 'fulfilled').length, 3);
      equal(await left(ledger), '0/1');
    });
  });
}
