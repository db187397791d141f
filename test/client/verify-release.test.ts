/**
 * A release is believed because the holders signed it: each way in which a sandbox could show
 * something else is refused.
 */
import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from 'vitest';
import type { Json } from '../../src/base/canonical-json.ts';
import type { Release } from '../../src/client/release.ts';
import { verifyRelease } from '../../src/client/verify-release.ts';
import type { Study } from '../../src/flows/study-terms.ts';
import { derivedRelease, releaseOf } from '../../src/sandbox/release.ts';
import { ExactNoise } from '../support/exact-noise.ts';
import { PooledLab } from '../support/pooled-lab.ts';
import { refusal } from '../support/refusal.ts';

const QUERY = { groupBy: ['holder', 'sex'], rho: '1/8' };
/** Pooled cells of the same table: answered from the release by holder. */
const POOLED = { groupBy: ['sex'], rho: '1/8' };

let lab: PooledLab;
let release: Release;
let derived: Release;

beforeAll(async () => {
  lab = await PooledLab.counting({ lu: 5n, jp: 7n });
  const run = lab.compile(QUERY);
  const [assembled] = await Promise.all([
    lab.assemble(run),
    ...lab.holders.map((holder) => lab.hold(holder, run, ExactNoise)),
  ]);
  release = releaseOf(run, assembled);
  derived = derivedRelease(lab.compile(POOLED), releaseOf(run, assembled));
});

afterAll(() => lab[Symbol.dispose]());

type Mutable = { [key: string]: Mutable } & Mutable[];

/** The release after `change`; the original stays as it is. */
function altered(from: Release, change: (release: Mutable) => void): Release {
  const copy = structuredClone(from);
  change(copy as unknown as Mutable);
  return copy;
}

const fail = (): never => {
  throw new Error('there is nothing to alter');
};
const at = (r: Mutable, field: string, change: object): unknown =>
  Object.assign(r['receipt']?.['holders']?.[0]?.[field] ?? fail(), change);
const log = (r: Mutable, change: object): unknown =>
  Object.assign(r['receipt']?.['log'] ?? fail(), change);
const note = (r: Mutable, change: (text: string) => string): unknown => {
  const before = String(r['receipt']?.['log']?.['checkpoint']);
  const after = change(before);
  return after === before ? fail() : log(r, { checkpoint: after });
};

const rejected = (wrong: Release, study: Study = lab.study, asked?: Json): void =>
  throws(() => verifyRelease(wrong, study, asked), refusal('PROOF_REJECTED'));

describe('a release that every holder attests', () => {
  test('is believed, as it is and as the answer to its query', () => {
    verifyRelease(release, lab.study);
    verifyRelease(release, lab.study, release.query);
    const jp = release.cells.find(({ group }) => group['holder'] === 'jp');
    strictEqual(jp?.value, 7);
  });

  const changes: Record<string, (release: Mutable) => void> = {
    'another value': (r) => Object.assign(r['cells']?.[0] ?? {}, { value: 6 }),
    'another interval': (r) => Object.assign(r['cells']?.[0] ?? {}, { interval: [0, 1] }),
    'a smaller epsilon': (r) => Object.assign(r['privacy'] ?? {}, { epsilon: '0.0001' }),
    'a missing cell': (r) => r['cells']?.pop(),
    'another query': (r) => Object.assign(r['query'] ?? {}, { groupBy: ['holder'] }),
    'a query that does not compile': (r) => Object.assign(r['query'] ?? {}, { groupBy: ['shoe'] }),
    'another run': (r) => Object.assign(r, { id: 'f'.repeat(64) }),
    'another plan': (r) => Object.assign(r['receipt'] ?? {}, { plan: 'f'.repeat(64) }),
    'another study': (r) => Object.assign(r['receipt'] ?? {}, { study: 'f'.repeat(64) }),
    'another digest': (r) => Object.assign(r['receipt'] ?? {}, { released: 'f'.repeat(64) }),
    'a receipt less': (r) => r['receipt']?.['holders']?.pop(),
    'one receipt twice': (r) => {
      const holders = r['receipt']?.['holders'];
      if (holders?.[0] !== undefined) holders[1] = holders[0];
    },
    'an altered attestation': (r) => at(r, 'attestation', { rho: '1/9' }),
    'a free run called charged': (r) => at(r, 'attestation', { charged: false }),
    'another ledger head': (r) => {
      const heads = r['receipt']?.['holders']?.[0]?.['attestation']?.['heads'];
      Object.assign(heads?.['lu'] ?? fail(), { sequence: 9 });
    },
    'another law of the noise': (r) =>
      at(r, 'attestation', { law: { name: 'discrete-gaussian', variances: ['1/1'] } }),
    'an unknown member': (r) => at(r, 'attestation', { note: 'trust me' }),
    'another salt of its log entry': (r) => log(r, { salt: '0'.repeat(32) }),
    'another place in the log': (r) => log(r, { index: 1 }),
    'a longer path': (r) => log(r, { path: ['0'.repeat(64)] }),
    'a log entry of another time': (r) =>
      Object.assign(r['receipt']?.['log']?.['entry'] ?? fail(), { at: '2020-01-01T00:00Z' }),
    'a checkpoint of another size': (r) => note(r, (text) => text.replace('\n1\n', '\n2\n')),
    'a checkpoint that one holder has not signed': (r) =>
      note(r, (text) => text.replace(/— lu .*\n/, '')),
    'a checkpoint with the line of another': (r) =>
      note(r, (text) => text.replace(/(— lu ).*/, `$1${/— jp (.*)/.exec(text)?.[1] ?? ''}`)),
    'a checkpoint of another study': (r) =>
      note(r, (text) => text.replace(/log\/[0-9a-f]{64}/, `log/${'f'.repeat(64)}`)),
    'an altered signature': (r) =>
      Object.assign(r['receipt']?.['holders']?.[0] ?? {}, { signature: 'A'.repeat(86) }),
    'a signature that is none': (r) =>
      Object.assign(r['receipt']?.['holders']?.[0] ?? {}, { signature: '' }),
    'more left than a holder says': (r) => Object.assign(r['left']?.['lu'] ?? {}, { rho: '1/1' }),
  };
  for (const [name, change] of Object.entries(changes)) {
    test(`with ${name} is refused`, () => rejected(altered(release, change)));
  }

  test('of other holders is refused', async () => {
    using other = await PooledLab.counting({ lu: 5n, jp: 7n });
    rejected(release, other.study);
  });

  test('as the answer to another question is refused', () => {
    rejected(release, lab.study, { ...(release.query as object), rho: '1/9' });
  });
});

describe('a release derived from an earlier one', () => {
  test('is believed when its cells are the attested ones', () => {
    verifyRelease(derived, lab.study, derived.query);
    deepStrictEqual(
      derived.cells.map(({ value }) => value),
      [12, 12, 12],
    );
  });

  const changes: Record<string, (release: Mutable) => void> = {
    'another value': (r) => Object.assign(r['cells']?.[0] ?? {}, { value: 11 }),
    'an exchanged order': (r) => r['cells']?.reverse(),
    'another privacy loss': (r) => Object.assign(r['privacy'] ?? {}, { epsilon: '0.0001' }),
    'a query that it does not answer': (r) =>
      Object.assign(r['query'] ?? {}, { groupBy: [{ column: 'age', bins: [0, 50, 111] }] }),
    'an altered source': (r) =>
      Object.assign(r['receipt']?.['source']?.['cells']?.[0] ?? {}, { value: 11 }),
  };
  for (const [name, change] of Object.entries(changes)) {
    test(`with ${name} is refused`, () => rejected(altered(derived, change)));
  }
});
