/** Studies and signed queries for tests: fresh keys, everything real. */
import { canonicalJson, type Json, parseStrict } from '../../src/base/canonical-json.ts';
import { type Rational } from '../../src/base/rational.ts';
import { systemRng } from '../../src/base/rng.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { compileQuery } from '../../src/cohort/compile.ts';
import { compileRun, type CompiledRun } from '../../src/flows/pooled/compile-run.ts';
import {
  readDraft,
  readPartlySigned,
  readSignedStudy,
  type Study,
  termsOf,
} from '../../src/flows/study-terms.ts';
import { successorDraft } from '../../src/study/amendment.ts';
import { OPERATIONS } from '../../src/study/agreement-shape.ts';
import { signQuery } from '../../src/study/signed-query.ts';
import { signedJson, signStudy } from '../../src/study/signatures.ts';

export type StudyKeys = {
  readonly identity: ReadonlyMap<string, SigningKey>;
  readonly steward: ReadonlyMap<string, SigningKey>;
  readonly analyst: SigningKey;
};

export type StudyOptions = {
  readonly holders?: readonly string[];
  readonly cohort?: Record<string, Json>;
  readonly rho?: string;
  readonly delta?: string;
  readonly linkage?: Json;
  readonly images?: readonly Json[];
  readonly honestHolders?: number;
  readonly minimumCell?: number;
  readonly rounding?: number;
  readonly expires?: string;
  readonly legalBasis?: string;
};

export const COLUMNS: Json = {
  sex: { type: 'category', domain: ['F', 'M'] },
  age: { type: 'integer', min: 0, max: 110, unit: 'a' },
};

export function studyKeys(holders: readonly string[]): StudyKeys {
  const keys = (): Map<string, SigningKey> =>
    new Map(holders.map((name) => [name, SigningKey.generate()]));
  return { identity: keys(), steward: keys(), analyst: SigningKey.generate() };
}

export function studyDraft(keys: StudyKeys, options: StudyOptions = {}): Json {
  const holders = options.holders ?? [...keys.identity.keys()];
  const each = <T>(value: T): Record<string, T> =>
    Object.fromEntries(holders.map((name) => [name, value]));
  const draft = {
    format: 'kakehashi/study/1',
    title: 'People by sex and age',
    purpose: 'research',
    expires: options.expires ?? '2099-12-31',
    holders: holders.map((name) => ({
      name,
      country: name === 'jp' ? 'JP' : 'LU',
      legalBasis: options.legalBasis ?? 'GDPR 9(2)(j)',
      identity: keys.identity.get(name)?.publicText,
      stewards: { need: 1, keys: [keys.steward.get(name)?.publicText] },
    })),
    analysts: [{ name: 'ana', key: keys.analyst.publicText }],
    cohort: {
      person: 'patient_id',
      rowsPerPerson: 1,
      cellsPerPerson: 1,
      declaredSize: each(1000),
      nulls: ['', 'NA', '?'],
      columns: COLUMNS,
      ...options.cohort,
    },
    operations: [...OPERATIONS],
    honestHolders: options.honestHolders ?? 1,
    images: options.images ?? [],
    linkage: options.linkage ?? null,
    minimumCell: options.minimumCell ?? 0,
    ...(options.rounding !== undefined && { rounding: options.rounding }),
    budget: each({ rho: options.rho ?? '1/1', delta: options.delta ?? '1/1000000' }),
  };
  return parseStrict(canonicalJson(draft));
}

/** The signed form, by one steward of every holder. */
export function signedStudy(draft: Json, keys: StudyKeys): Json {
  const study = readDraft(draft);
  const signatures = study.holders.map(({ name }) => {
    const steward = keys.steward.get(name);
    if (steward === undefined) throw new Error(`no steward of ${name}`);
    return signStudy(study, name, steward);
  });
  return signedJson({ study, signatures });
}

type Draft = Record<string, Json>;

/**
 * The version behind `before` with what `change` makes of its draft, signed by a steward of every holder in
 * `signers`.
 */
export function amendedStudy(
  before: Json,
  keys: StudyKeys,
  change: (draft: Draft) => Draft,
  signers: readonly string[] = [...keys.steward.keys()],
): Json {
  const { history = [], ...last } = readPartlySigned(before);
  const draft = change(successorDraft(last.study) as Draft);
  const earlier = [...history, last].map((version) => signedJson(version));
  const unsigned = { study: draft, signatures: [], history: earlier } as unknown as Json;
  const next = readPartlySigned(unsigned);
  const signatures = signers.map((name) => {
    const steward = keys.steward.get(name);
    if (steward === undefined) throw new Error(`no steward of ${name}`);
    return signStudy(next.study, name, steward);
  });
  return signedJson({ ...next, signatures });
}

export const acceptedStudy = (keys: StudyKeys, options: StudyOptions = {}): Study =>
  readSignedStudy(signedStudy(studyDraft(keys, options), keys));

/** `body` as a query of the study, signed by its analyst at its price. */
export function signedQuery(study: Study, keys: StudyKeys, body: Record<string, Json>): Json {
  const query: Json = {
    format: 'kakehashi/query/1',
    measures: [{ name: 'people', count: true }],
    ...body,
  };
  const rho: Rational = compileQuery(termsOf(study), query).rho;
  const expires = new Date(Date.now() + 3_600_000);
  return signQuery(study, { query, rho, expires }, { name: 'ana', key: keys.analyst }, systemRng);
}

export const compiledRun = (
  study: Study,
  keys: StudyKeys,
  body: Record<string, Json>,
  attempt = 1,
  epoch = 1,
): CompiledRun => compileRun(study, { query: signedQuery(study, keys, body), attempt, epoch });
