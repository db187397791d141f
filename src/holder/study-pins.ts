/** The keys that a holder trusts in studies, which it was given out of band (rulings 36). @module */
import { check, Refusal } from '../base/errors.ts';
import type { PublicKeyText } from '../base/sign.ts';
import type { Study } from '../flows/study-terms.ts';

export type Pins = {
  readonly holder: string;
  /** This holder's own identity key. */
  readonly identity: PublicKeyText;
  /** The pinned identity keys of the others. */
  readonly others: Readonly<Record<string, PublicKeyText>>;
  /** Keys that this holder's own stewards may have; a study must name no other for it. */
  readonly stewards: readonly PublicKeyText[];
  /** Keys of analysts, and of stewards of other holders, that are not trusted any more. */
  readonly revoked?: readonly PublicKeyText[];
};

/** Refuses with INVALID_STUDY, IDENTITY_NOT_PINNED or STEWARD_NOT_PINNED a study of other keys. */
export function checkPins(
  study: Study,
  { holder, identity, others, stewards, revoked = [] }: Pins,
): void {
  const own = study.holders.find(({ name }) => name === holder);
  check(own !== undefined, 'INVALID_STUDY', 'this holder is not in the study');
  check(
    own.stewards.keys.every((key) => stewards.includes(key)),
    'STEWARD_NOT_PINNED',
    'a steward of this holder',
  );
  const live = study.holders.every(
    ({ stewards: { need, keys } }) => keys.filter((key) => !revoked.includes(key)).length >= need,
  );
  // What too few may speak for now, nobody speaks for.
  check(live, 'STEWARD_NOT_PINNED', 'stewards of a holder are revoked');
  for (const { name, identity: named } of study.holders) {
    const pinned = name === holder ? identity : others[name];
    if (pinned !== named) throw new Refusal('IDENTITY_NOT_PINNED', `holder ${name}`);
  }
}
