/** The release object of DESIGN section 8: what may leave the sandbox about a run, and no more. @module */
import { type Static, Type } from 'typebox';
import { TEST_NAMES } from '../../analysis/test-result.ts';
import { ReceiptShape } from '../../audit/receipt.ts';
import { Amount, AmountPair } from '../../engine/transport/answer-shapes.ts';
import { DigestText } from './shapes.ts';

const OrNull = <T extends Parameters<typeof Type.Union>[0][number]>(shape: T) =>
  Type.Union([shape, Type.Null()]);

const Group = Type.Object({}, { additionalProperties: OrNull(Type.String()) });
const Interval = Type.Array(Type.Number());

const Cell = Type.Object({
  group: Group,
  measure: Type.String(),
  value: OrNull(Type.Number()),
  unit: Type.String(),
  interval: OrNull(Interval),
  noise: OrNull(Type.Number()),
  count: Type.Optional(OrNull(Type.Number())),
  suppressed: Type.Boolean(),
});

const Point = Type.Object({
  time: Type.Number(),
  survival: Type.Number(),
  interval: Interval,
  noise: Type.Number(),
  atRisk: Type.Number(),
  events: Type.Number(),
  hazard: Type.Number(),
  hazardInterval: Type.Array(OrNull(Type.Number())),
});

const Curve = Type.Object({
  group: Group,
  measure: Type.String(),
  unit: Type.String(),
  points: Type.Array(Point),
  median: OrNull(
    Type.Object({
      value: OrNull(Type.Number()),
      interval: Type.Array(OrNull(Type.Number())),
    }),
  ),
  rmst: OrNull(
    Type.Object({
      until: Type.Number(),
      value: Type.Number(),
      interval: Interval,
      noise: Type.Number(),
    }),
  ),
  count: OrNull(Type.Number()),
  suppressed: Type.Boolean(),
});

const Incidence = Type.Object({
  group: Group,
  measure: Type.String(),
  cause: Type.String(),
  unit: Type.String(),
  points: Type.Array(
    Type.Object({
      time: Type.Number(),
      incidence: Type.Number(),
      interval: Interval,
      noise: Type.Number(),
      atRisk: Type.Number(),
      events: Type.Number(),
    }),
  ),
  count: OrNull(Type.Number()),
  suppressed: Type.Boolean(),
});

const Estimate = Type.Object({
  group: Group,
  measure: Type.String(),
  name: Type.String(),
  value: OrNull(Type.Number()),
  unit: Type.String(),
  interval: OrNull(Interval),
  noise: OrNull(Type.Number()),
  p: OrNull(Type.Number()),
  suppressed: Type.Boolean(),
});

/** What disclosure control hid, and by which rule. */
const Disclosure = Type.Object({
  minimumCell: Type.Integer(),
  rounding: Type.Integer(),
  hidden: Type.Array(
    Type.Object({
      table: Type.Enum(['cells', 'curves', 'incidences', 'estimates', 'tests']),
      group: Group,
      measure: Type.String(),
      name: Type.Optional(Type.String()),
      rule: Type.Enum(['minimum-cell', 'same-rows', 'complementary']),
    }),
  ),
});

const Test = Type.Object({
  group: Group,
  measure: Type.String(),
  name: Type.Enum([...TEST_NAMES]),
  chi2: Type.Number(),
  df: Type.Integer(),
  p: Type.Number(),
});

const Loss = { rho: Amount, epsilon: Type.String(), attacker: Type.String() };

const Privacy = Type.Object({
  unit: Type.Literal('person'),
  ...Loss,
  delta: Amount,
  honestHolders: Type.Integer(),
  allOthers: Type.Optional(Type.Object(Loss)),
  outsider: Type.Object({ ...Loss, law: Type.Enum(['exact', 'bound']) }),
  linked: Type.Optional(
    Type.Object({
      cardinality: Type.Object({ epsilon: Amount, delta: Amount }),
      disclosed: Type.String(),
      output: Type.Optional(Type.String()),
    }),
  ),
});

const Body = {
  /** As the analyst asked it, checked against the query language. */
  query: Type.Object({}, { additionalProperties: true }),
  cells: Type.Array(Cell),
  curves: Type.Array(Curve),
  incidences: Type.Array(Incidence),
  estimates: Type.Array(Estimate),
  tests: Type.Array(Test),
  disclosure: Disclosure,
  privacy: Privacy,
};

const ByHolder = Type.Object({}, { additionalProperties: AmountPair });

export const ReleaseShape = Type.Object({
  id: DigestText,
  ...Body,
  spent: ByHolder,
  left: ByHolder,
  receipt: Type.Object({ ...ReceiptShape.properties, source: Type.Optional(Type.Object(Body)) }),
});

/** A stored release, for the schema to write. */
export const releaseDocument = (text: string): Static<typeof ReleaseShape> =>
  JSON.parse(text) as Static<typeof ReleaseShape>;
