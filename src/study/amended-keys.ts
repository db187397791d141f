/** What an amendment changes of people: holders, their stewards, analysts. @module */
import type { PublicKeyText } from '../base/sign.ts';
import type { Draft } from './agreement-shape.ts';
import { added, type Found, listChanges, type Refuse } from './amendment-change.ts';

type Use = {
  readonly key: PublicKeyText;
  readonly role: string;
  readonly at: readonly (string | number)[];
};

const usesOf = ({ holders, analysts }: Draft): Use[] => [
  ...holders.flatMap(({ name, identity, stewards }, i) => [
    { key: identity, role: `identity ${name}`, at: ['holders', i, 'identity'] },
    ...stewards.keys.map((key, j) => ({
      key,
      role: `steward ${name}`,
      at: ['holders', i, 'stewards', 'keys', j],
    })),
  ]),
  ...analysts.map(({ name, key }, i) => ({
    key,
    role: `analyst ${name}`,
    at: ['analysts', i, 'key'],
  })),
];

/** A key keeps its role for ever, and does not come back once a version took it out. */
function checkUses(history: readonly Draft[], is: Draft, refuse: Refuse): void {
  const [before, ...earlier] = history.map(usesOf);
  const present = new Set((before ?? []).map(({ key }) => key));
  const all = [...(before ?? []), ...earlier.flat()];
  for (const { key, role, at } of usesOf(is)) {
    const known = all.find((use) => use.key === key);
    if (known === undefined) continue;
    if (!present.has(key)) refuse('KEY_RETIRED', ...at);
    else if (known.role !== role) refuse('KEY_ROLE_FIXED', ...at);
  }
}

type Holder = Draft['holders'][number];

function holderChanges(was: Holder, is: Holder, i: number, refuse: Refuse, found: Found): void {
  const { name } = is;
  if (was.identity !== is.identity) refuse('IDENTITY_FIXED', 'holders', i, 'identity');
  if (was.country !== is.country) refuse('COUNTRY_FIXED', 'holders', i, 'country');
  if (was.legalBasis !== is.legalBasis) {
    found('alters', `legal basis of ${name}: ${is.legalBasis}`);
  }
  listChanges(`steward of ${name}`, was.stewards.keys, is.stewards.keys, found);
  const [before, after] = [was.stewards.need, is.stewards.need];
  if (before !== after) {
    const words = `${name}: ${after} of its stewards must sign instead of ${before}`;
    found(after > before ? 'narrows' : 'widens', words);
  }
}

/** `history` has the newest version first. */
export function keyChanges(
  history: readonly Draft[],
  is: Draft,
  refuse: Refuse,
  found: Found,
): void {
  const [was] = history;
  if (was === undefined) return;
  checkUses(history, is, refuse);
  const names = (draft: Draft): string[] => draft.holders.map(({ name }) => name);
  const others = [...added(names(was), names(is)), ...added(names(is), names(was))];
  if (others.length > 0) refuse('HOLDERS_FIXED', 'holders');
  is.holders.forEach((holder, i) => {
    const before = was.holders.find(({ name }) => name === holder.name);
    if (before !== undefined) holderChanges(before, holder, i, refuse, found);
  });
  for (const { name, key } of is.analysts) {
    const before = was.analysts.find((analyst) => analyst.name === name);
    if (before === undefined) found('widens', `analyst ${name} added: ${key}`);
    else if (before.key !== key) found('widens', `analyst ${name} has another key: ${key}`);
  }
  for (const { name } of was.analysts) {
    if (!is.analysts.some((analyst) => analyst.name === name))
      found('narrows', `analyst ${name} removed`);
  }
}
