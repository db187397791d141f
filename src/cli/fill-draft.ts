/**
 * Puts keys into a study draft: identities and stewards by holder, analysts by name. Everything
 * else of the draft is left as it is, wrong or not; the study's own parser says what is wrong.
 * @module
 */
import type { Json } from '../base/canonical-json.ts';
import { check, Refusal } from '../base/errors.ts';
import { NAME_PATTERN } from '../base/name.ts';
import type { PublicKeyText } from '../base/sign.ts';

export type DraftKeys = {
  readonly identities: ReadonlyMap<string, PublicKeyText>;
  readonly stewards: ReadonlyMap<string, readonly PublicKeyText[]>;
  readonly analysts: ReadonlyMap<string, PublicKeyText>;
};

type Member = Readonly<Record<string, Json>>;

const isObject = (value: Json | undefined): value is Member =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isArray = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);

function members(draft: Member, name: string): readonly Member[] {
  const list = draft[name];
  if (isArray(list) && list.every(isObject)) return list;
  const errors = [
    { pointer: `/${name}`, code: list === undefined ? 'MISSING_FIELD' : 'WRONG_TYPE' },
  ];
  throw new Refusal('INVALID_STUDY', 'draft', { errors });
}

function root(draft: Json): Member {
  if (isObject(draft)) return draft;
  throw new Refusal('INVALID_STUDY', 'draft', { errors: [{ pointer: '', code: 'WRONG_TYPE' }] });
}

/** Names of holders and analysts; they become file names here. */

const nameOf = ({ name }: Member): string => (typeof name === 'string' ? name : '');

/** Names of the holders of an unchecked draft, in its order. */
export function holderNames(draft: Json): string[] {
  const names = members(root(draft), 'holders').map(nameOf);
  names.forEach((name, i) => {
    if (NAME_PATTERN.test(name) && names.indexOf(name) === i) return;
    const errors = [{ pointer: `/holders/${i}/name`, code: 'WRONG_FORMAT' }];
    throw new Refusal('INVALID_STUDY', 'draft', { errors });
  });
  return names;
}

/** How many signatures each holder of an unchecked draft asks for: 1 where it does not say. */
export function stewardsNeeded(draft: Json, holder: string): number {
  const found = members(root(draft), 'holders').find((member) => nameOf(member) === holder);
  const stewards = found?.['stewards'];
  const need = isObject(stewards) ? stewards['need'] : undefined;
  return typeof need === 'number' && Number.isInteger(need) && need >= 1 && need <= 16 ? need : 1;
}

/** The first analyst of an unchecked draft; `ana` where it names none. */
export function analystName(draft: Json): string {
  const analysts = root(draft)['analysts'];
  const [first] = isArray(analysts) ? analysts : [];
  const name = isObject(first) ? first['name'] : undefined;
  return typeof name === 'string' && NAME_PATTERN.test(name) ? name : 'ana';
}

function withKeys(holder: Member, { identities, stewards }: DraftKeys): Member {
  const name = nameOf(holder);
  const [identity, keys] = [identities.get(name), stewards.get(name)];
  const before = isObject(holder['stewards']) ? holder['stewards'] : { need: 1 };
  return {
    ...holder,
    ...(identity === undefined ? {} : { identity }),
    ...(keys === undefined ? {} : { stewards: { ...before, keys } }),
  };
}

/** Known analysts get their key; new ones are added. Refuses with USAGE a holder that is not in it. */
export function fillDraft(draft: Json, keys: DraftKeys): Json {
  const study = root(draft);
  const holders = members(study, 'holders');
  const known = new Set(holders.map(nameOf));
  for (const name of [...keys.identities.keys(), ...keys.stewards.keys()]) {
    check(known.has(name), 'USAGE', `the study has no holder ${name}`);
  }
  const analysts = study['analysts'] === undefined ? [] : members(study, 'analysts');
  const named = analysts.map((analyst) => {
    const key = keys.analysts.get(nameOf(analyst));
    return key === undefined ? analyst : { ...analyst, key };
  });
  const added = [...keys.analysts]
    .filter(([name]) => !analysts.some((analyst) => nameOf(analyst) === name))
    .map(([name, key]) => ({ name, key }));
  return {
    ...study,
    holders: holders.map((holder) => withKeys(holder, keys)),
    analysts: [...named, ...added],
  };
}
