/**
 * Who a person is to the other holder of a linked study, kept beside the cohort:
 *
 *     person_link(person UHUGEINT, masked UHUGEINT)
 *     link    = first 128 bits of SHA-256(label ‖ study ‖ len ‖ identifier in NFC)    the same at every holder
 *     masked  = link xor first 128 bits of SHA-256(k_link ‖ len ‖ person)              k_link of this holder only
 *
 * Identifiers can be guessed and `link` has no key, so it is never stored: the mask is a one-time pad for each person
 * (content.ts has the argument for a prefix key), and the file without the key says nothing. Inside the flow
 * `link` is an input of oblivious functions. The study in it makes links of two studies unrelated.
 * @module
 */
import type { Secret } from '../../base/secret.ts';
import { first128, linkMask } from './content.ts';
import { Parameters } from './parameters.ts';
import type { Session } from './session.ts';

/** SQL: `masked` to `link`, and back. */
export const linkSql = (
  orderKey: Secret,
  person: string,
  masked: string,
  parameters: Parameters,
): string => `xor(${masked}, ${first128(linkMask(orderKey, person, parameters))})`;

/** From `staged(person, link)`, whose persons are digests in hexadecimal. */
export async function storeLinks(session: Session, orderKey: Secret): Promise<void> {
  await session.run(
    'CREATE TABLE person_link (person UHUGEINT NOT NULL, masked UHUGEINT NOT NULL)',
  );
  const parameters = new Parameters();
  const masked = linkSql(orderKey, 'person', 'link', parameters);
  await session.run(
    `INSERT INTO person_link SELECT person, ${masked}
      FROM (SELECT DISTINCT ${first128('person')} AS person, ${first128('link')} AS link
        FROM staged WHERE person IS NOT NULL) ORDER BY person`,
    parameters,
  );
}
