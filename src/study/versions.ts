/** The versions of an amended study, from the present one back to the first. @module */
import type { Digest } from '../base/hash.ts';
import type { Study } from './agreement.ts';

/** The newest first. */
export function* versionsOf<C>(study: Study<C>): Generator<Study<C>> {
  for (let one: Study<C> | undefined = study; one !== undefined; one = one.previous) yield one;
}

/** The version of this digest, where `study` is it or comes behind it. */
export function versionOf<C>(study: Study<C>, agreement: Digest): Study<C> | undefined {
  for (const one of versionsOf(study)) if (one.agreement === agreement) return one;
  return undefined;
}

/** How `study` is named in what is said about a run: nothing where it was never amended. */
export type AmendedVersion = { readonly agreement: Digest; readonly previous: Digest };

export const amendedVersion = ({
  agreement,
  previous,
}: Study<unknown>): AmendedVersion | undefined =>
  previous === undefined ? undefined : { agreement, previous: previous.agreement };
