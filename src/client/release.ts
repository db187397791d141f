/** The release object of DESIGN section 8, as the sandbox sends it. @module */
import { type Static, type TSchema, Type } from 'typebox';
import { type Receipt, ReceiptShape } from '../audit/receipt.ts';
import type { ReleaseTables } from '../analysis/release-table.ts';
import { TEST_NAMES } from '../analysis/test-result.ts';
import type { Json } from '../base/canonical-json.ts';
import { DIGEST_PATTERN } from '../base/hash.ts';
import type { Privacy } from '../flows/pooled/privacy.ts';
import type { ReleaseBody } from '../flows/pooled/release.ts';
import type { AmountText } from '../flows/pooled/reservation.ts';

const CLOSED = { additionalProperties: false } as const;
const Id = Type.String({ pattern: DIGEST_PATTERN.source });
const AmountShape = Type.Object({ rho: Type.String(), delta: Type.String() }, CLOSED);

const Group = Type.Record(Type.String(), Type.Union([Type.String(), Type.Null()]));
const Interval = Type.Tuple([Type.Number(), Type.Number()]);
const OrNull = <T extends TSchema>(shape: T) => Type.Union([shape, Type.Null()]);

const Cell = Type.Object(
  {
    group: Group,
    measure: Type.String(),
    value: OrNull(Type.Number()),
    interval: OrNull(Interval),
    unit: Type.String(),
    noise: OrNull(Type.Number()),
    count: Type.Optional(OrNull(Type.Number())),
    suppressed: Type.Boolean(),
  },
  CLOSED,
);

const Point = Type.Object(
  {
    time: Type.Number(),
    survival: Type.Number(),
    interval: Interval,
    noise: Type.Number(),
    atRisk: Type.Number(),
    events: Type.Number(),
    hazard: Type.Number(),
    hazardInterval: Type.Tuple([Type.Number(), OrNull(Type.Number())]),
  },
  CLOSED,
);

const Curve = Type.Object(
  {
    group: Group,
    measure: Type.String(),
    unit: Type.String(),
    points: Type.Array(Point),
    median: OrNull(
      Type.Object(
        {
          value: OrNull(Type.Number()),
          interval: Type.Tuple([OrNull(Type.Number()), OrNull(Type.Number())]),
        },
        CLOSED,
      ),
    ),
    rmst: OrNull(
      Type.Object(
        { until: Type.Number(), value: Type.Number(), interval: Interval, noise: Type.Number() },
        CLOSED,
      ),
    ),
    count: OrNull(Type.Number()),
    suppressed: Type.Boolean(),
  },
  CLOSED,
);

const Incidence = Type.Object(
  {
    group: Group,
    measure: Type.String(),
    cause: Type.String(),
    unit: Type.String(),
    points: Type.Array(
      Type.Object(
        {
          time: Type.Number(),
          incidence: Type.Number(),
          interval: Interval,
          noise: Type.Number(),
          atRisk: Type.Number(),
          events: Type.Number(),
        },
        CLOSED,
      ),
    ),
    count: OrNull(Type.Number()),
    suppressed: Type.Boolean(),
  },
  CLOSED,
);

const Estimate = Type.Object(
  {
    group: Group,
    measure: Type.String(),
    name: Type.String(),
    value: OrNull(Type.Number()),
    unit: Type.String(),
    interval: OrNull(Interval),
    noise: OrNull(Type.Number()),
    p: OrNull(Type.Number()),
    suppressed: Type.Boolean(),
  },
  CLOSED,
);

const Disclosure = Type.Object(
  {
    minimumCell: Type.Integer(),
    rounding: Type.Integer(),
    hidden: Type.Array(
      Type.Object(
        {
          table: Type.Enum(['cells', 'curves', 'incidences', 'estimates', 'tests']),
          group: Group,
          measure: Type.String(),
          name: Type.Optional(Type.String()),
          rule: Type.Enum(['minimum-cell', 'same-rows', 'complementary']),
        },
        CLOSED,
      ),
    ),
  },
  CLOSED,
);

const Test = Type.Object(
  {
    group: Group,
    measure: Type.String(),
    name: Type.Enum([...TEST_NAMES]),
    chi2: Type.Number(),
    df: Type.Integer(),
    p: Type.Number(),
  },
  CLOSED,
);

const Loss = { rho: Type.String(), epsilon: Type.String(), attacker: Type.String() };

const BODY = {
  query: Type.Object({}),
  cells: Type.Array(Cell),
  curves: Type.Array(Curve),
  incidences: Type.Array(Incidence),
  estimates: Type.Array(Estimate),
  tests: Type.Array(Test),
  disclosure: Disclosure,
  privacy: Type.Object(
    {
      unit: Type.Literal('person'),
      ...Loss,
      delta: Type.String(),
      honestHolders: Type.Integer(),
      allOthers: Type.Optional(Type.Object(Loss, CLOSED)),
      outsider: Type.Object({ ...Loss, law: Type.Enum(['exact', 'bound']) }, CLOSED),
      linked: Type.Optional(
        Type.Object(
          {
            cardinality: Type.Object({ epsilon: Type.String(), delta: Type.String() }, CLOSED),
            disclosed: Type.String(),
            output: Type.Optional(Type.String()),
          },
          CLOSED,
        ),
      ),
    },
    CLOSED,
  ),
};

/** Closed where a signature or a digest covers it: an unknown member would be shown unchecked. */
export const ReleaseAnswer = Type.Object({
  id: Id,
  ...BODY,
  spent: Type.Record(Type.String(), AmountShape),
  left: Type.Record(Type.String(), AmountShape),
  receipt: Type.Object(
    { ...ReceiptShape.properties, source: Type.Optional(Type.Object(BODY, CLOSED)) },
    CLOSED,
  ),
});

/** The run is the one that the holders attested: of a derived release an earlier one. */
export type ReleaseReceipt = Omit<Receipt, 'source'> & { readonly source?: ReleaseBody };

export type Release = ReleaseTables & {
  readonly id: string;
  readonly query: Json;
  readonly privacy: Privacy;
  readonly spent: Readonly<Record<string, AmountText>>;
  readonly left: Readonly<Record<string, AmountText>>;
  readonly receipt: ReleaseReceipt;
};

/** The binding between what the schema has checked and the types of the flow. */
export const releaseOfAnswer = (answer: Static<typeof ReleaseAnswer>): Release =>
  answer as unknown as Release;
