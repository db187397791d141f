/**
 * The linkage clause of a study: that people whom two holders both have are found, for what, and what that
 * discloses. Without it (`"linkage": null`) nobody is linked.
 *
 * People are the same where the identifiers of the cohort's `person` are. `disclosure` is signed in so many
 * words because it has no price (rulings 21): the sandbox together with one of the two holders learns
 * which people of that holder are in both. `cardinality` is the (ε, delta) of the dummies that keep the sandbox
 * alone from the exact number; it is charged with every linked query.
 *
 * Outputs other than `aggregate` tell the two holders something exact, which has no price either: who is in both
 * (`set`), how many (`cardinality`), or ids that both give to the same person (`ids`). `disclosures` is how many
 * such queries each holder answers in the life of the study.
 * @module
 */
import { type Static, Type } from 'typebox';
import type { InputError } from '../base/errors.ts';
import { pointerTo, readFraction, shapeErrors } from '../base/input.ts';
import { Rational } from '../base/rational.ts';

const CLOSED = { additionalProperties: false } as const;
const Amount = Type.String({ minLength: 3, maxLength: 80 });

/** What people in both may be used for. */
const LINKED_OUTPUTS = ['aggregate', 'set', 'cardinality', 'ids'] as const;
const MOST_DISCLOSURES = 1000;

const DISCLOSURE = 'membership';

const LinkageShape = Type.Object(
  {
    outputs: Type.Array(Type.Enum(LINKED_OUTPUTS), {
      minItems: 1,
      maxItems: LINKED_OUTPUTS.length,
    }),
    disclosure: Type.Literal(DISCLOSURE),
    disclosures: Type.Optional(Type.Integer({ minimum: 1, maximum: MOST_DISCLOSURES })),
    cardinality: Type.Object({ epsilon: Amount, delta: Amount }, CLOSED),
  },
  CLOSED,
);

type Outline = Static<typeof LinkageShape>;

/** A checked clause. */
export type LinkageClause = {
  readonly outputs: readonly string[];
  /** Queries that disclose, at each holder; 0 where the study allows none. */
  readonly disclosures: number;
  readonly cardinality: { readonly epsilon: Rational; readonly delta: Rational };
};

/** The law of the dummies is for these (dp/mechanism/dummies.ts); a smaller delta makes lists endless. */
const SMALLEST_EPSILON = Rational.of(1, 100);
const SMALLEST_DELTA = Rational.of(1, 10n ** 15n);
const LARGEST_DELTA = Rational.of(1, 1000);

const within = (text: string, low: Rational, high: Rational): boolean => {
  const amount = readFraction(text);
  return amount !== undefined && low.atMost(amount) && amount.atMost(high);
};

/** What is wrong with the clause of a draft. */
export function linkageErrors(clause: unknown): InputError[] {
  if (clause === null) return [];
  const errors = shapeErrors(LinkageShape, clause, '/linkage');
  if (errors.length > 0) return errors;
  const report = (code: string, ...at: readonly (string | number)[]): void => {
    errors.push({ pointer: pointerTo('/linkage', ...at), code });
  };
  const { outputs, disclosures, cardinality } = clause as Outline;
  const { epsilon, delta } = cardinality;
  outputs.forEach((output, i) => {
    if (outputs.indexOf(output) < i) report('DUPLICATE_OUTPUT', 'outputs', i);
  });
  const discloses = outputs.some((output) => output !== 'aggregate');
  if (discloses && disclosures === undefined) report('MISSING_FIELD', 'disclosures');
  if (!discloses && disclosures !== undefined) report('UNKNOWN_FIELD', 'disclosures');
  if (!within(epsilon, SMALLEST_EPSILON, Rational.ONE)) {
    report('AMOUNT_INVALID', 'cardinality', 'epsilon');
  }
  if (!within(delta, SMALLEST_DELTA, LARGEST_DELTA)) {
    report('AMOUNT_INVALID', 'cardinality', 'delta');
  }
  return errors;
}

/** Of a draft whose clause was checked. */
export function readLinkage(clause: unknown): LinkageClause | undefined {
  if (clause === null) return undefined;
  const { outputs, disclosures, cardinality } = clause as Outline;
  return {
    outputs,
    disclosures: disclosures ?? 0,
    cardinality: {
      epsilon: Rational.parse(cardinality.epsilon),
      delta: Rational.parse(cardinality.delta),
    },
  };
}
