/**
 * Writes a new study draft, and fills keys into one that was written by hand.
 *
 * Nothing is checked here: what comes out goes through parseStudy, which says what is wrong.
 * @module
 */
import type { Json } from '../base/canonical-json.ts';
import { Refusal } from '../base/errors.ts';
import type { PublicKeyText } from '../base/sign.ts';
import { STUDY_FORMAT } from './agreement-shape.ts';

export type DraftHolder = {
  readonly name: string;
  readonly country: string;
  readonly legalBasis: string;
  readonly identity: PublicKeyText;
  readonly stewards: readonly PublicKeyText[];
  /** All of them where left out: the stricter rule is the default. */
  readonly need?: number;
  /** Exact fractions. */
  readonly rho: string;
  readonly delta: string;
};

export type DraftOptions = {
  readonly title: string;
  readonly purpose: string;
  /** The last day, `YYYY-MM-DD`. */
  readonly expires: string;
  readonly holders: readonly DraftHolder[];
  readonly analysts: readonly { readonly name: string; readonly key: PublicKeyText }[];
  readonly cohort: Json;
  readonly operations?: readonly string[];
  readonly honestHolders?: number;
  readonly minimumCell?: number;
};

const DEFAULT_MINIMUM_CELL = 10;

export const draftStudy = (options: DraftOptions): Json => ({
  format: STUDY_FORMAT,
  title: options.title,
  purpose: options.purpose,
  expires: options.expires,
  holders: options.holders.map(({ name, country, legalBasis, identity, stewards, need }) => ({
    name,
    country,
    legalBasis,
    identity,
    stewards: { need: need ?? stewards.length, keys: [...stewards] },
  })),
  analysts: options.analysts.map(({ name, key }) => ({ name, key })),
  cohort: options.cohort,
  operations: [...(options.operations ?? ['count'])],
  honestHolders: options.honestHolders ?? 1,
  images: [],
  linkage: null,
  minimumCell: options.minimumCell ?? DEFAULT_MINIMUM_CELL,
  budget: Object.fromEntries(options.holders.map(({ name, rho, delta }) => [name, { rho, delta }])),
});

export type DraftKeys = {
  readonly holders: ReadonlyMap<
    string,
    { readonly identity: PublicKeyText; readonly stewards: readonly PublicKeyText[] }
  >;
  readonly analysts: ReadonlyMap<string, PublicKeyText>;
};

type JsonObject = { readonly [key: string]: Json };

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);

const wrongType = (pointer: string): Refusal<'INVALID_STUDY'> =>
  new Refusal('INVALID_STUDY', 'draft', { errors: [{ pointer, code: 'WRONG_TYPE' }] });

/** `list[i]` with `fields` over its own, for each entry whose name has fields. */
function filled(
  list: Json | undefined,
  at: string,
  fields: (name: string) => JsonObject | undefined,
): Json {
  if (!isList(list)) throw wrongType(at);
  return list.map((entry, i) => {
    if (!isObject(entry)) throw wrongType(`${at}/${i}`);
    return typeof entry.name === 'string' ? { ...entry, ...fields(entry.name) } : entry;
  });
}

/** The names that a draft gives, for whom keys must be made. Refuses with INVALID_STUDY. */
export function draftNames(draft: Json): {
  readonly holders: readonly string[];
  readonly analysts: readonly string[];
} {
  const names = (list: Json | undefined, at: string): string[] => {
    if (!isList(list)) throw wrongType(at);
    return list.map((entry, i) => {
      if (!isObject(entry) || typeof entry.name !== 'string') throw wrongType(`${at}/${i}`);
      return entry.name;
    });
  };
  if (!isObject(draft)) throw wrongType('');
  return {
    holders: names(draft.holders, '/holders'),
    analysts: names(draft.analysts, '/analysts'),
  };
}

/** The draft with these keys in place of whatever it had; every steward given has to sign. */
export function withKeys(draft: Json, keys: DraftKeys): Json {
  if (!isObject(draft)) throw wrongType('');
  return {
    ...draft,
    holders: filled(draft.holders, '/holders', (name) => {
      const own = keys.holders.get(name);
      if (own === undefined) return undefined;
      const stewards = { need: own.stewards.length, keys: [...own.stewards] };
      return { identity: own.identity, stewards };
    }),
    analysts: filled(draft.analysts, '/analysts', (name) => {
      const key = keys.analysts.get(name);
      return key === undefined ? undefined : { key };
    }),
  };
}
