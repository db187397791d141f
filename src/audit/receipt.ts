/**
 * The receipt of a release (rulings 37), format 3: what every holder attests, and the proof that
 * the release stands in the log that they co-signed.
 *
 * Proves      every holder's identity key signed: this run of this plan under this version of this study, with
 *             this noise law and rho, booked at these ledger heads, gave a release with this digest; and
 *             that the release is in the log of the study, up to a checkpoint which all co-signed.
 * Assumes     Ed25519, SHA-256; identity keys that the verifier got from somewhere else; for "one
 *             log", one holder that does not co-sign two.
 * Not proved  that the holders' data were true or the noise was drawn: they are semi-honest (rulings 2).
 * Reveals     what the holders of the study know: digests, amounts, ledger heads, and by its index
 *             and size how many entries the log has.
 * @module
 */
import { type Static, Type } from 'typebox';
import { canonicalBytes, canonicalJson, type Json } from '../base/canonical-json.ts';
import { check } from '../base/errors.ts';
import { type Digest, sha256Hex } from '../base/hash.ts';
import { shapeErrors } from '../base/input.ts';
import { DOMAIN, type PublicKeyText, verifyObject } from '../base/sign.ts';
import type { Checkpoint } from './checkpoint.ts';
import { Amount, DigestText, type EntryOf, Head, KeyText, Name, SignatureText } from './entry.ts';
import { type ImageEvidence, ImageEvidencesShape } from './image-evidence.ts';
import { LogProofShape, verifyLogProof } from './log-proof.ts';

const CLOSED = { additionalProperties: false } as const;

/** How one holder chooses (dp/mechanism). */
const MECHANISMS = ['top', 'keys', 'median', 'winsorised'] as const;
const Amounts = Type.Object({ rho: Amount, delta: Amount }, CLOSED);

/** By what is attested: the format under the first version of a study, and under an amended one, which it names. */
export const ATTESTATION_FORMATS = {
  /** Sums with noise. */
  sums: ['kakehashi/attestation/1', 'kakehashi/attestation/4'],
  /** What one holder chose. */
  chosen: ['kakehashi/attestation/2', 'kakehashi/attestation/5'],
  /** Sums with noise that programs had a part in. */
  programs: ['kakehashi/attestation/3', 'kakehashi/attestation/6'],
  /** What one holder chose from the answers of programs. */
  chosenPrograms: ['kakehashi/attestation/7', 'kakehashi/attestation/8'],
} as const;
const AMENDED: readonly string[] = Object.values(ATTESTATION_FORMATS).map(([, amended]) => amended);
export const RECEIPT_FORMAT = 'kakehashi/receipt/3';

const Attested = {
  study: DigestText,
  /** The version of the study that was asked under, and the one before it; `study` is the first. */
  amended: Type.Optional(Type.Object({ agreement: DigestText, previous: DigestText }, CLOSED)),
  run: DigestText,
  plan: DigestText,
  holder: Name,
  rho: Amount,
  /** False where an earlier noised vector was used again, free. */
  charged: Type.Boolean(),
  /** The ledger head of every holder's reservation, as this holder saw it. */
  heads: Type.Record(Name, Head),
  account: Type.Object({ spent: Amounts, left: Amounts }, CLOSED),
  /** SHA-256 of the canonical bytes of what is released. */
  released: DigestText,
};

/** The variance of each run of the plan, in the order of the vector; every holder added it. */
const NoiseLaw = Type.Object(
  { name: Type.Literal('discrete-gaussian'), variances: Type.Array(Amount) },
  CLOSED,
);

/** Of each choice of the plan its mechanism, with the epsilon of every draw. */
const ChoiceLaw = Type.Object(
  {
    name: Type.Literal('chosen'),
    mechanisms: Type.Array(
      Type.Object({ name: Type.Enum([...MECHANISMS]), epsilon: Amount }, CLOSED),
    ),
  },
  CLOSED,
);

const AttestationShape = Type.Union([
  Type.Object(
    {
      format: Type.Enum([...ATTESTATION_FORMATS.sums]),
      law: NoiseLaw,
      ...Attested,
    },
    CLOSED,
  ),
  Type.Object(
    {
      format: Type.Enum([...ATTESTATION_FORMATS.chosen]),
      law: ChoiceLaw,
      ...Attested,
    },
    CLOSED,
  ),
  Type.Object(
    {
      format: Type.Enum([...ATTESTATION_FORMATS.programs]),
      law: NoiseLaw,
      ...Attested,
      images: ImageEvidencesShape,
    },
    CLOSED,
  ),
  Type.Object(
    {
      format: Type.Enum([...ATTESTATION_FORMATS.chosenPrograms]),
      law: ChoiceLaw,
      ...Attested,
      images: ImageEvidencesShape,
    },
    CLOSED,
  ),
]);

const SignedShape = Type.Object(
  { attestation: AttestationShape, key: KeyText, signature: SignatureText },
  CLOSED,
);

export const ReceiptShape = Type.Object(
  {
    format: Type.Literal(RECEIPT_FORMAT),
    study: DigestText,
    run: DigestText,
    plan: DigestText,
    released: DigestText,
    holders: Type.Array(SignedShape, { minItems: 1, maxItems: 64 }),
    log: LogProofShape,
    /** The attested body, where a release shows a part of it. */
    source: Type.Optional(Type.Unknown()),
  },
  CLOSED,
);

export type Attestation = Static<typeof AttestationShape>;
export type SignedAttestation = Static<typeof SignedShape>;
export type Receipt = Static<typeof ReceiptShape>;

/** True when `identity` signed exactly this attestation. */
export const attestationSignedBy = (
  { attestation, key, signature }: SignedAttestation,
  identity: PublicKeyText,
): boolean =>
  key === identity && verifyObject(identity, DOMAIN.attestation, attestation, signature);

/** What a holder says of programs; empty where it had none run. */
export const evidenceIn = (attestation: Attestation): readonly ImageEvidence[] =>
  'images' in attestation ? attestation.images : [];

/** What the log's release entry has of an attestation. */
export const attestationDigest = (signed: SignedAttestation): Digest =>
  sha256Hex(canonicalBytes(signed));

/** Shape only; MALFORMED_MESSAGE where it is no receipt of this format. */
export function readReceipt(json: Json): Receipt {
  const errors = shapeErrors(ReceiptShape, json);
  check(errors.length === 0, 'MALFORMED_MESSAGE', `receipt ${errors[0]?.pointer ?? ''}`);
  for (const { attestation } of (json as unknown as Receipt).holders) {
    const { format, amended } = attestation;
    const named = AMENDED.includes(format) === (amended !== undefined);
    check(named, 'MALFORMED_MESSAGE', 'the version of an attestation');
  }
  return json as unknown as Receipt;
}

const prove = (condition: boolean, what: string): void => check(condition, 'PROOF_REJECTED', what);
const same = (a: unknown, b: unknown): boolean => canonicalJson(a) === canonicalJson(b);

/** What all holders must say alike. */
const common = ({ study, amended, run, plan, law, rho, heads, released }: Attestation) => ({
  study,
  amended: amended ?? null,
  run,
  plan,
  law,
  rho,
  heads,
  released,
});

function checkAttestations(receipt: Receipt, identities: ReadonlyMap<string, PublicKeyText>): void {
  const { study, run, plan, released, holders } = receipt;
  prove(holders.length === identities.size, 'one attestation of every holder');
  for (const [holder, identity] of identities) {
    const signed = holders.find(({ attestation }) => attestation.holder === holder);
    prove(signed !== undefined && attestationSignedBy(signed, identity), `signature of ${holder}`);
    const said = signed?.attestation;
    const release = { study, run, plan, released };
    const of = said && {
      study: said.study,
      run: said.run,
      plan: said.plan,
      released: said.released,
    };
    prove(same(of, release), `${holder} attests another release`);
    const first = holders[0]?.attestation;
    prove(said !== undefined && first !== undefined && same(common(said), common(first)), holder);
    prove(
      same(Object.keys(said?.heads ?? {}).sort(), [...identities.keys()].sort()),
      `${holder} attests a ledger head of every holder`,
    );
  }
}

const isRelease = (entry: { readonly type: string }): entry is EntryOf<'release'> =>
  entry.type === 'release';

/** Refuses with PROOF_REJECTED or SIGNATURE_REJECTED; gives the checkpoint that the receipt is in. */
export function verifyReceipt(
  receipt: Receipt,
  identities: ReadonlyMap<string, PublicKeyText>,
): Checkpoint {
  readReceipt(receipt as unknown as Json);
  checkAttestations(receipt, identities);
  const { entry, checkpoint } = verifyLogProof(receipt.log, receipt.study, identities);
  const { run, plan, released, holders } = receipt;
  const attestations = holders.map((signed) => ({
    holder: signed.attestation.holder,
    digest: attestationDigest(signed),
  }));
  prove(
    isRelease(entry) &&
      same(entry, { type: 'release', at: entry.at, run, plan, released, attestations }),
    'the log entry is of another release',
  );
  return checkpoint;
}
