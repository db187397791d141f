/** What a holder signs when a run is released: its part of the receipt (audit/receipt.ts). @module */
import {
  type Attestation,
  ATTESTATION_FORMATS,
  evidenceIn,
  attestationDigest,
  attestationSignedBy,
  type SignedAttestation,
} from '../../audit/receipt.ts';
import { type EntryOf, minuteOf } from '../../audit/entry.ts';
import { type ImageEvidence, ImageEvidencesShape } from '../../audit/image-evidence.ts';
import { fromUtf8 } from '../../base/bytes.ts';
import { canonicalJson, parseStrict } from '../../base/canonical-json.ts';
import { check, refuseAs } from '../../base/errors.ts';
import type { Digest } from '../../base/hash.ts';
import { shapeErrors } from '../../base/input.ts';
import { DOMAIN, type PublicKeyText, type SigningKey } from '../../base/sign.ts';
import { imageBlocks, placeOf, runsOf } from '../../cohort/blocks.ts';
import type { Plan } from '../../cohort/plan.ts';
import type { LedgerHead } from '../../ledger/entry.ts';
import type { AmendedVersion } from '../../study/versions.ts';
import type { CompiledRun } from './compile-run.ts';
import type { Reservation } from './reservation.ts';

/** Ledger heads by holder: those that the reservations of a run showed. */
export type Heads = ReadonlyMap<string, LedgerHead>;

type Members = 'format' | 'law' | 'images';
type LawOf<A> = A extends Attestation ? Pick<A, Extract<keyof A, Members>> : never;

/** By which law a plan releases, and the format that says so and whether programs had a part in it. */
export function attestedLaw(
  plan: Plan,
  images: readonly ImageEvidence[] = [],
  amended?: AmendedVersion,
): LawOf<Attestation> {
  const { inside } = plan;
  const formats = ATTESTATION_FORMATS;
  const version = amended === undefined ? 0 : 1;
  if (inside === undefined) {
    const variances = runsOf(plan).map(({ variance }) => variance.toString());
    const law = { name: 'discrete-gaussian' as const, variances };
    return images.length === 0
      ? { format: formats.sums[version], law }
      : { format: formats.programs[version], law, images: [...images] };
  }
  const mechanisms = inside.choices.map(({ choice: { kind, epsilon } }) => ({
    name: kind,
    epsilon: epsilon.toString(),
  }));
  const law = { name: 'chosen' as const, mechanisms };
  return images.length === 0
    ? { format: formats.chosen[version], law }
    : { format: formats.chosenPrograms[version], law, images: [...images] };
}

type Own = Pick<Reservation, 'rho' | 'charged' | 'account'> & {
  readonly images?: readonly ImageEvidence[] | undefined;
};

const attestationOf = (
  run: CompiledRun,
  holder: string,
  { rho, charged, account, images = [] }: Own,
  heads: Heads,
  released: Digest,
): Attestation => ({
  ...attestedLaw(run.plan, images, run.amended),
  ...(run.amended !== undefined && { amended: run.amended }),
  study: run.study,
  run: run.run,
  plan: run.planDigest,
  holder,
  rho,
  charged,
  heads: Object.fromEntries(heads),
  account,
  released,
});

/** What `own` booked for this run, and that all of it gave `released`. */
export function signAttestation(
  run: CompiledRun,
  holder: string,
  own: Reservation & Pick<Own, 'images'>,
  others: Heads,
  released: Digest,
  key: SigningKey,
): SignedAttestation {
  const heads = new Map([...others, [holder, own.head]]);
  const attestation = attestationOf(run, holder, own, heads, released);
  const signature = key.signObject(DOMAIN.attestation, attestation);
  return { attestation, key: key.publicText, signature };
}

/** A holder's word about programs is about those of the plan, with their limits and walls; none where it ran none. */
export function checkEvidence(plan: Plan, images: readonly ImageEvidence[]): void {
  if (images.length === 0) return;
  check(
    shapeErrors(ImageEvidencesShape, images).length === 0,
    'MALFORMED_MESSAGE',
    'evidence shape',
  );
  const said = images.map(({ block, image, place, boundary, memory, fuel }) => ({
    ...{ block, image, place, boundary, memory, fuel },
  }));
  const planned = imageBlocks(plan).map(({ block, content }) => ({
    ...{ block, image: content.image, place: placeOf(content), boundary: content.boundary },
    ...{ memory: content.memory, fuel: content.fuel },
  }));
  check(
    canonicalJson(said) === canonicalJson(planned),
    'PROOF_REJECTED',
    'evidence of other images',
  );
}

/**
 * Reads what `holder` attests of this run and checks that it is `released`. The holder's own
 * numbers (account, charged) are as it says; the rest must be what everybody computes and saw.
 */
export function checkAttestation(
  body: Uint8Array,
  run: CompiledRun,
  holder: string,
  heads: Heads,
  identity: PublicKeyText,
  released: Digest,
): SignedAttestation {
  const signed = refuseAs('MALFORMED_MESSAGE', 'attestation', () => {
    const value = parseStrict(fromUtf8(body)) as unknown as SignedAttestation;
    const { account, charged } = value.attestation;
    const images = evidenceIn(value.attestation);
    checkEvidence(run.plan, images);
    const own = { rho: run.plan.rho.toString(), account, charged, images };
    check(
      canonicalJson(value.attestation) ===
        canonicalJson(attestationOf(run, holder, own, heads, released)),
      'PROOF_REJECTED',
      `attestation of ${holder} for another release`,
    );
    return value;
  });
  check(attestationSignedBy(signed, identity), 'SIGNATURE_REJECTED', `attestation of ${holder}`);
  return signed;
}

/** What the log of the study records of a release. */
export const releaseEntry = (
  run: CompiledRun,
  released: Digest,
  attestations: readonly SignedAttestation[],
  now: Date,
): EntryOf<'release'> => ({
  type: 'release',
  at: minuteOf(now),
  run: run.run,
  plan: run.planDigest,
  released,
  attestations: attestations.map((signed) => ({
    holder: signed.attestation.holder,
    digest: attestationDigest(signed),
  })),
});
