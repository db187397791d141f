/**
 * When two queries are the same query (DESIGN section 9): the RFC 8785 form of study, where,
 * per, groupBy, measures without names, rho, holders and h. Nonce and expiry are left out, and
 * so is every spelling that does not change what is released: condition.ts and axes.ts list them.
 *
 * A holder keeps its noised vector under this key and answers the same key from it, free. The
 * order of the axes is not part of the key: the vector is always in sorted order.
 * @module
 */
import { canonicalJson, type Json } from '../base/canonical-json.ts';
import type { Digest } from '../base/hash.ts';
import type { Rational } from '../base/rational.ts';
import { transcriptDigest } from '../base/transcript.ts';
import { HOLDER_AXIS } from './axes.ts';
import { check } from '../base/errors.ts';
import { chargeOf } from './charge.ts';
import { conditionJson } from './condition.ts';
import { insideTerms } from './inside/terms.ts';
import { pairTerms, rolesJson } from './linked/link.ts';
import { perJson } from './per.ts';
import type { Dimension } from './plan.ts';
import type { Query, StudyTerms } from './query.ts';

const axisJson = (dimension: Dimension): Json =>
  dimension.kind === 'category'
    ? { column: dimension.column }
    : { column: dimension.column, edges: dimension.edges.map(String) };

function normalForm(terms: StudyTerms, query: Query, rho: Rational, split: boolean): Json {
  return {
    study: terms.study,
    // Of a study that was amended in what a query means; an answer of before is none of after.
    ...(terms.basis !== undefined && terms.basis !== terms.study && { basis: terms.basis }),
    where: conditionJson(query.where),
    per: perJson(query.per),
    groupBy: [...query.dimensions.map(axisJson), ...(split ? [HOLDER_AXIS] : [])],
    measures: [...query.measures, ...(query.inside?.choices ?? [])].map(({ form }) => form),
    rho: rho.toString(),
    holders: [...terms.holders].sort(),
    honestHolders: terms.honestHolders,
    ...(query.link !== undefined && { link: rolesJson(query.link) }),
  };
}

const key = (form: Json): Digest =>
  transcriptDigest('kakehashi/query-key/2', [canonicalJson(form)]);

function keyOf(terms: StudyTerms, query: Query, split: boolean): Digest {
  const { inside, price } = query;
  if (inside !== undefined) {
    check('rho' in price, 'INTERNAL', 'a choice without a rho');
    return key(normalForm(insideTerms(terms, inside.holder), query, price.rho, true));
  }
  const own = query.link === undefined ? terms : pairTerms(terms, query.link);
  return key(normalForm(own, query, chargeOf(own, query).rho, split));
}

/** Names the noised vectors and the release of a query. */
export const queryKey = (terms: StudyTerms, query: Query): Digest =>
  keyOf(terms, query, query.split);

/**
 * The key of the same query, at the same rho, grouped by holder as well. Its release answers
 * this query free: pooled cells are sums of released cells (rulings 8). Not the reverse. A linked
 * query has no such other.
 */
export const splitKey = (terms: StudyTerms, query: Query): Digest =>
  keyOf(terms, query, query.link === undefined);
