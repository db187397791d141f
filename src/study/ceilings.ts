/** The ceilings that a study signs, as the ledger of each holder takes them. @module */
import type { Ceilings } from '../ledger/ceilings.ts';
import type { Study } from './agreement.ts';

/** By holder of the study. A charge counts in a country once for each of its holders. */
export const ceilingsOf = ({ ceilings, holders }: Study<unknown>): ReadonlyMap<string, Ceilings> =>
  new Map(
    holders.map(({ name, country }): [string, Ceilings] => {
      const limit = ceilings.countries.get(country);
      const alike = holders.filter((holder) => holder.country === country).length;
      return [name, { analyst: ceilings.analyst, country: limit && { limit, holders: alike } }];
    }),
  );
