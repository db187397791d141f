/** What a holder attests of programs: of the plan or nothing, under a format of its own. */
import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { ImageEvidence } from '../../src/audit/image-evidence.ts';
import { evidenceIn } from '../../src/audit/receipt.ts';
import { canonicalBytes } from '../../src/base/canonical-json.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { checkAttestation, signAttestation } from '../../src/flows/pooled/attestation.ts';
import type { Reservation } from '../../src/flows/pooled/reservation.ts';
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
