/** What a holder attests of programs: of the plan or nothing, under a format of its own. */
import { deepStrictEqual, ok, strictEqual, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { ImageEvidence } from '../../src/audit/image-evidence.ts';
import { evidenceIn } from '../../src/audit/receipt.ts';
import { canonicalBytes, type Json } from '../../src/base/canonical-json.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { checkAttestation, signAttestation } from '../../src/flows/pooled/attestation.ts';
import type { Reservation } from '../../src/flows/pooled/reservation.ts';
import { systemNoise } from '../../src/engine/noise/system-noise.ts';
import { systemRng } from '../../src/base/rng.ts';
import { Vault } from '../../src/base/vault.ts';
import { imagesOf } from '../support/image-lab.ts';
import { PooledLab } from '../support/pooled-lab.ts';
import { signedImage } from '../support/image.ts';
import { refusal } from '../support/refusal.ts';
import { imageQuery, sandboxClause } from '../support/sandboxed-lab.ts';
import { acceptedStudy, compiledRun, studyKeys } from '../support/study.ts';
import { CONSTANT } from '../support/wasm-text.ts';

const keys = studyKeys(['lu', 'jp']);
const operator = SigningKey.generate();
const image = signedImage(CONSTANT);
const study = acceptedStudy(keys, { images: [sandboxClause(image, operator.publicText)] });
const run = compiledRun(study, keys, imageQuery(image));
const D = 'd'.repeat(64);
const head = { sequence: 1, hash: D };
const amounts = { rho: '1/2', delta: '0/1' };
const own: Reservation = {
  run: run.run,
  plan: run.planDigest,
  rho: run.plan.rho.toString(),
  charged: true,
  head,
  account: { spent: amounts, left: amounts },
};
const heads = new Map([['jp', head]]);
const all = new Map([...heads, ['lu', head]]);
const lu = SigningKey.generate();

const said: ImageEvidence = {
  evidence: 'software',
  block: 0,
  image: image.digest,
  place: 'sandbox',
  metered: D,
  runner: D,
  boundary: 'bubblewrap',
  seccomp: true,
  memory: image.declaration.memory,
  fuel: image.declaration.fuel,
  input: D,
};

const signed = (images?: readonly ImageEvidence[]) =>
  signAttestation(run, 'lu', { ...own, images }, heads, D, lu);
const checked = (value: object) =>
  checkAttestation(canonicalBytes(value), run, 'lu', all, lu.publicText, D).attestation;

/** What one holder chooses from the answers of the same program, behind a choice that has none. */
const atHome: Record<string, Json> = {
  digest: image.digest,
  place: 'holder',
  boundary: 'bubblewrap',
  declaration: image.declaration,
  signers: image.signers,
};
const inside = {
  holders: ['lu'],
  measures: [
    { name: 'often', top: { column: 'sex', k: 1 } },
    { name: 'm', image: { digest: image.digest, blocks: 8, aggregate: 'median' } },
  ],
  rho: '1/2',
};

describe('an attestation of a run with a program', () => {
  test('has the evidence, and the format that says so', () => {
    const attestation = checked(signed([said]));
    deepStrictEqual(
      [attestation.format, evidenceIn(attestation)],
      ['kakehashi/attestation/3', [said]],
    );
  });

  test('without it has the format that it always had', () => {
    const attestation = checked(signed());
    deepStrictEqual([attestation.format, evidenceIn(attestation)], ['kakehashi/attestation/1', []]);
    strictEqual('images' in checked(signed([])), false);
  });

  test.each<[string, object]>([
    ['another image', { image: D }],
    ['another place', { place: 'holder' }],
    ['weaker walls', { boundary: 'process' }],
    ['more fuel', { fuel: 7 }],
    ['another block', { block: 1 }],
  ])('of %s than the plan has is refused', (_, change) => {
    const other = { ...said, ...change } as ImageEvidence;
    throws(() => checked(signed([other])), refusal('PROOF_REJECTED'));
  });

  test('that calls itself more than software, or says more, is refused', () => {
    for (const change of [{ evidence: 'hardware' }, { failed: 3 }]) {
      const other = { ...said, ...change } as ImageEvidence;
      throws(() => checked(signed([other])), refusal('MALFORMED_MESSAGE'));
    }
  });

  test('of no program at all is refused where one is said to have run', () => {
    throws(() => checked(signed([said, { ...said, block: 1 }])), refusal('PROOF_REJECTED'));
  });
});

describe('an attestation of what one holder chose from the answers of a program', () => {
  const openLab = () =>
    PooledLab.open(
      {
        lu: ['patient_id,sex,age', ...Array.from({ length: 40 }, (_, i) => `p${i},F,40`)].join(
          '\n',
        ),
        jp: 'patient_id,sex,age\nq,F,30',
      },
      { images: [atHome] },
    );
  const evidence: ImageEvidence = { ...said, block: 1, place: 'holder' };
  const noise = () => systemNoise(new Vault(SigningKey.generate(), systemRng), systemRng);

  test('has the evidence, of the choice that read it; again, without running it, none', async () => {
    using lab = await openLab();
    const [holder] = lab.holders;
    ok(holder !== undefined);
    const touchedBefore: boolean[] = [];
    holder.images = {
      ...imagesOf(CONSTANT),
      evidence: async ({ run: of }) => {
        touchedBefore.push(await holder.ledger.touched(of));
        return [evidence];
      },
    };
    const law = noise();
    const found = await lab.release(inside, law);
    const again = await lab.release(inside, law, 2);
    deepStrictEqual(
      [found, again].map(({ attestations }) => {
        const [only] = attestations;
        return only && [only.attestation.format, evidenceIn(only.attestation)];
      }),
      [
        ['kakehashi/attestation/7', [evidence]],
        ['kakehashi/attestation/2', []],
      ],
    );
    deepStrictEqual(touchedBefore, [false], 'made before a row is touched');
    deepStrictEqual(again.body, found.body);
  });

  test.each<[string, object, 'PROOF_REJECTED' | 'MALFORMED_MESSAGE']>([
    ['another choice', { block: 0 }, 'PROOF_REJECTED'],
    ['another image', { image: D }, 'PROOF_REJECTED'],
    ['weaker walls', { boundary: 'process' }, 'PROOF_REJECTED'],
    ['answers', { median: 7 }, 'MALFORMED_MESSAGE'],
  ])('that is of %s is refused', (_, change, code) => {
    const ofInside = compiledRun(acceptedStudy(keys, { images: [atHome] }), keys, inside);
    const mine = { ...own, run: ofInside.run, plan: ofInside.planDigest, rho: '1/2' };
    const attested = (images: readonly ImageEvidence[]) => {
      const value = signAttestation(ofInside, 'lu', { ...mine, images }, new Map(), D, lu);
      const ownHead = new Map([['lu', head]]);
      return () =>
        checkAttestation(canonicalBytes(value), ofInside, 'lu', ownHead, lu.publicText, D);
    };
    strictEqual(attested([evidence])().attestation.format, 'kakehashi/attestation/7');
    throws(attested([{ ...evidence, ...change }]), refusal(code));
  });
});
