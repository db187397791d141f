/**
 * What linking adds to a plan: two padded lists, dummies that hide how many people are in both, their price,
 * and room for the sums in one plaintext.
 *
 * Sensitivity  a person stands in one pair at most, with one row at each holder, so a pair adds to the cell of one
 *              group what a row adds in a pooled table: the blocks, their noise and their charge are the same.
 * Cardinality  the sandbox sees the number of equal tokens: people in both plus dummies. The (ε, delta) of their law
 *              is charged at both holders on top of `rho`, as delta-approximate zCDP (rulings 16).
 * Not charged  which rows of a holder matched, to the sandbox together with that holder: a disclosure by
 *              agreement that the study's linkage clause names (rulings 21). Likewise what `disclose` tells the holders.
 * @module
 */
import { check } from '../../base/errors.ts';
import type { Json } from '../../base/canonical-json.ts';
import { Rational } from '../../base/rational.ts';
import { rhoOfPure } from '../../dp/accountant/zcdp.ts';
import { tailAtMost } from '../../dp/mechanism/discrete-gaussian.ts';
import { dummyLaw } from '../../dp/mechanism/dummies.ts';
import { FIELD_PRIME } from '../../psi/tokens/prime-field.ts';
import { conditionPredicate } from '../condition.ts';
import type { Block, Plan, Predicate } from '../plan.ts';
import type { StudyTerms } from '../query.ts';
import type { LinkRoles } from './roles.ts';

/** People of either holder. */
const MOST_ROWS = 2 ** 22;
/** A sum wraps modulo the plaintext prime with probability below 2^-64. */
const TAIL_BITS = 64;

/** Reading rows and starting, then one row of a person into the process; half of a power of two for others. */
const FIXED_NS = 400_000_000n;
const ROW_NS = 4_000n;
const MARGIN = 4n;
const SECOND_NS = 1_000_000_000n;

const sizeOf = (terms: StudyTerms, holder: string): number =>
  terms.cohort.declaredSize[holder] ?? 0;

/** Most people in both, and most of one holder. */
function sizes(terms: StudyTerms, { holders }: LinkRoles): { both: number; one: number } {
  const each = [sizeOf(terms, holders.groups), sizeOf(terms, holders.values)];
  return { both: Math.min(...each), one: Math.max(...each) };
}

/** A study between the two only, who share `both` people: what the table of a linked query is compiled against. */
export function pairTerms(terms: StudyTerms, link: LinkRoles): StudyTerms {
  const { groups, values } = link.holders;
  const declaredSize = { [groups]: sizes(terms, link).both, [values]: 0 };
  return {
    ...terms,
    holders: [groups, values].sort(),
    honestHolders: 1,
    cohort: { ...terms.cohort, declaredSize },
  };
}

/** What one pair adds at most to each component of a block, in the order of the vector. */
export function largestOfPair({ content }: Block): bigint[] {
  // Trees and products of features are not served over pairs (roles.ts).
  check(content.kind === 'tally' || content.kind === 'moments', 'INTERNAL', content.kind);
  if (content.kind === 'tally') return Array.from({ length: content.parts }, () => 1n);
  const width = content.max - content.min;
  return [width, width, (width * width) / 4n];
}

function checkRoom(blocks: readonly Block[], both: number): void {
  for (const block of blocks) {
    const variances = block.runs.flatMap(({ components, variance }) =>
      Array.from({ length: components }, () => variance),
    );
    largestOfPair(block).forEach((largest, i) => {
      const noise = (variances[i] ?? Rational.ZERO).times(Rational.of(2));
      const bound = BigInt(both) * largest + tailAtMost(noise, TAIL_BITS);
      // Weights are encoded as integers of 32 bits below the prime.
      check(largest < 2n ** 32n, 'PLAINTEXT_RANGE', `values up to ${largest}`);
      check(2n * bound < BigInt(FIELD_PRIME), 'PLAINTEXT_RANGE', `sums up to ${bound}`);
    });
  }
}

function deadline(rows: number): number {
  const cost = FIXED_NS + BigInt(rows) * ROW_NS;
  let seconds = 1n;
  while (seconds * SECOND_NS < MARGIN * cost) seconds *= 2n;
  return Number(seconds);
}

const predicate = (condition: LinkRoles['where']['groups']): Predicate | undefined => {
  const where = conditionPredicate(condition);
  return 'all' in where && where.all.length === 0 ? undefined : where;
};

/** `table` is compiled against `pairTerms`. Refuses with PLAINTEXT_RANGE or NOISE_RANGE. */
export function linkedTable(table: Plan, terms: StudyTerms, roles: LinkRoles): Plan {
  const { both, one } = sizes(terms, roles);
  check(one <= MOST_ROWS, 'PLAINTEXT_RANGE', `lists of ${one} people`);
  checkRoom(table.blocks, both);
  const { epsilon, delta } = roles.cardinality;
  const dummies = dummyLaw(epsilon, delta);
  return {
    ...table,
    rho: table.rho.plus(rhoOfPure(epsilon)),
    deadlineSeconds: deadline(one),
    link: {
      holders: roles.holders,
      where: { groups: predicate(roles.where.groups), values: predicate(roles.where.values) },
      per: roles.per,
      declaredSize: one,
      length: one + 2 * dummies.reach,
      dummies,
      ...(roles.disclose !== undefined && { disclose: roles.disclose }),
    },
  };
}

/** For the normal form of a query. */
export const rolesJson = ({ holders, cardinality, disclose }: LinkRoles): Json => ({
  ...holders,
  ...(disclose !== undefined && { disclose: disclose.output }),
  epsilon: cardinality.epsilon.toString(),
  delta: cardinality.delta.toString(),
});
