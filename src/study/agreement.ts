/**
 * The agreement between holders: who takes part, on which legal basis, who may ask, what may be
 * asked, and how much it may cost (DESIGN sections 1 and 9).
 *
 * A study is its JSON: the id is the SHA-256 of the RFC 8785 bytes, and those bytes are what
 * stewards sign. An amended version (amendment.ts) has a digest of its own and keeps the id of the first,
 * under which budgets, rows and keys stand. The cohort section belongs to cohort/, which is passed in as a
 * parser.
 * @module
 */
import { canonicalJson, type Json, parseStrict } from '../base/canonical-json.ts';
import { utf8 } from '../base/bytes.ts';
import { type InputError, Refusal } from '../base/errors.ts';
import { type Digest, sha256Hex } from '../base/hash.ts';
import { shapeErrors } from '../base/input.ts';
import { Rational } from '../base/rational.ts';
import type { PublicKeyText } from '../base/sign.ts';
import { agreementErrors } from './agreement-meaning.ts';
import { type Draft, DraftShape } from './agreement-shape.ts';
import { type DeclarationErrors, type ImageClause, readImages } from './image-clause.ts';
import { type LinkageClause, readLinkage } from './linkage-clause.ts';

export type StudyHolder = {
  readonly name: string;
  readonly country: string;
  readonly legalBasis: string;
  readonly identity: PublicKeyText;
  readonly stewards: { readonly need: number; readonly keys: readonly PublicKeyText[] };
};

export type StudyAnalyst = { readonly name: string; readonly key: PublicKeyText };
export type StudyBudget = { readonly rho: Rational; readonly delta: Rational };

/** A query above `above` waits for so many stewards of every holder. */
export type StudyApproval = { readonly above: Rational; readonly stewards: number };

/** A checked study with cohort section `C`. Made by `parseStudy` only; says nothing of signatures. */
export type Study<C> = {
  /** The digest of the first version. */
  readonly id: Digest;
  /** The digest of this version, which queries name. */
  readonly agreement: Digest;
  /** From 1. */
  readonly version: number;
  /** The version since which a query means the same: its digest. */
  readonly basis: Digest;
  /** Undefined of the first version. */
  readonly previous: Study<C> | undefined;
  /** What is signed. */
  readonly draft: Json;
  readonly title: string;
  readonly purpose: string;
  /** The last day, UTC. */
  readonly expires: string;
  /** Sorted by name. */
  readonly holders: readonly StudyHolder[];
  readonly analysts: readonly StudyAnalyst[];
  readonly cohort: C;
  readonly operations: readonly string[];
  readonly honestHolders: number;
  readonly minimumCell: number;
  /** Counts are shown in multiples of it; undefined where they are shown as they are. */
  readonly rounding: number | undefined;
  /** Undefined where nobody may be linked. */
  readonly linkage: LinkageClause | undefined;
  readonly images: readonly ImageClause[];
  /** By holder. */
  readonly budget: ReadonlyMap<string, StudyBudget>;
  readonly ceilings: {
    readonly analyst: StudyBudget | undefined;
    readonly countries: ReadonlyMap<string, StudyBudget>;
  };
  readonly approval: StudyApproval | undefined;
};

/** Checks a cohort section; refuses with INVALID_STUDY and pointers into the section. */
export type CohortParser<C> = (section: Json, holders: readonly string[]) => C;

/** The section, or what is wrong with it as errors of the whole study. */
function parseCohort<C>(
  draft: Draft,
  cohort: CohortParser<C>,
): { readonly section: C } | { readonly errors: readonly InputError[] } {
  try {
    const holders = draft.holders.map((holder) => holder.name);
    return { section: cohort(draft.cohort as Json, holders) };
  } catch (cause) {
    if (!(cause instanceof Refusal) || cause.code !== 'INVALID_STUDY') throw cause;
    const { errors = [] } = (cause as Refusal<'INVALID_STUDY'>).fields ?? {};
    return { errors: errors.map(({ pointer, code }) => ({ pointer: `/cohort${pointer}`, code })) };
  }
}

/** The signed text. What has none (text not in NFC) cannot be a study. */
function signedText(json: Json): string {
  try {
    return canonicalJson(json);
  } catch (cause) {
    const errors = [{ pointer: '', code: 'NOT_CANONICAL' }];
    throw new Refusal('INVALID_STUDY', 'canonical form', { errors }, { cause });
  }
}

type AmountText = { readonly rho: string; readonly delta: string };

const amount = ({ rho, delta }: AmountText): StudyBudget => ({
  rho: Rational.parse(rho),
  delta: Rational.parse(delta),
});

const amounts = (all: Readonly<Record<string, AmountText>>): Map<string, StudyBudget> =>
  new Map(Object.entries(all).map(([name, text]) => [name, amount(text)]));

/** Where nobody knows what a declaration means, none is taken. */
const NO_IMAGES: DeclarationErrors = (_, pointer) => [{ pointer, code: 'NOT_SERVED_YET' }];

/** What decides which numbers a query gives: versions that agree in it answer each other's queries. */
const meaningOf = (draft: Json): string => {
  const { cohort, minimumCell, rounding = 0 } = draft as unknown as Draft;
  return canonicalJson({ cohort, minimumCell, rounding });
};

type Place = Pick<Study<unknown>, 'id' | 'agreement' | 'version' | 'basis'>;

/** Where a draft stands among the versions of its study. Refuses with INVALID_STUDY. */
function placeOf(draft: Draft, agreement: Digest, previous: Study<unknown> | undefined): Place {
  const { amends } = draft;
  const refuse = (code: string): never => {
    throw new Refusal('INVALID_STUDY', code, { errors: [{ pointer: '/amends', code }] });
  };
  if (amends === undefined) {
    if (previous !== undefined) refuse('MISSING_FIELD');
    return { id: agreement, agreement, version: 1, basis: agreement };
  }
  if (previous === undefined) return refuse('HISTORY_MISSING');
  const behind =
    amends.study === previous.id &&
    amends.previous === previous.agreement &&
    amends.version === previous.version + 1;
  if (!behind) refuse('ANOTHER_HISTORY');
  const same = meaningOf(draft as unknown as Json) === meaningOf(previous.draft);
  const basis = same ? previous.basis : agreement;
  return { id: previous.id, agreement, version: amends.version, basis };
}

/**
 * Checks a draft in full, behind the version `previous` where it is an amended one. Refuses with INVALID_STUDY
 * and every error found; what an amendment may change is amendment.ts's to say.
 */
export function parseStudy<C>(
  json: Json,
  cohort: CohortParser<C>,
  declared: DeclarationErrors = NO_IMAGES,
  previous?: Study<C>,
): Study<C> {
  const text = signedText(json);
  const shape = shapeErrors(DraftShape, json);
  if (shape.length > 0) throw new Refusal('INVALID_STUDY', 'shape', { errors: shape });
  const draft = parseStrict(text) as unknown as Draft;
  const parsed = parseCohort(draft, cohort);
  const errors = [
    ...agreementErrors(draft, declared),
    ...('errors' in parsed ? parsed.errors : []),
  ];
  if (errors.length > 0 || 'errors' in parsed) {
    throw new Refusal('INVALID_STUDY', 'meaning', { errors });
  }
  return Object.freeze({
    ...placeOf(draft, sha256Hex(utf8(text)), previous),
    previous,
    draft: draft as unknown as Json,
    title: draft.title,
    purpose: draft.purpose,
    expires: draft.expires,
    holders: [...draft.holders].sort((a, b) => (a.name < b.name ? -1 : 1)),
    analysts: draft.analysts,
    cohort: parsed.section,
    operations: draft.operations,
    honestHolders: draft.honestHolders,
    minimumCell: draft.minimumCell,
    rounding: draft.rounding,
    linkage: readLinkage(draft.linkage),
    images: readImages(draft.images),
    budget: amounts(draft.budget),
    ceilings: {
      analyst: draft.ceilings?.analyst && amount(draft.ceilings.analyst),
      countries: amounts(draft.ceilings?.countries ?? {}),
    },
    approval: draft.approval && {
      above: Rational.parse(draft.approval.above),
      stewards: draft.approval.stewards,
    },
  });
}
