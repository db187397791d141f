/**
 * The file of one benchmark run, as bench/ writes and publishes it and the service shows it: what was
 * measured, on which machine, at which commit, and every sample, so that a reader can take another
 * statistic than the median.
 * @module
 */
import { type Static, Type } from 'typebox';
import { check } from '../../base/errors.ts';
import { shapeErrors } from '../../base/input.ts';

const CLOSED = { additionalProperties: false } as const;
const Name = Type.String({ minLength: 1, maxLength: 80 });
const Positive = Type.Number({ exclusiveMinimum: 0 });

export const RESULTS_FORMAT = 'kakehashi/bench-results/1';

const CalibrationShape = Type.Object(
  {
    /** AES-128-ECB through node:crypto in batches of 64 KiB. */
    aesGiBs: Positive,
    /** A copy of 32 MiB. */
    copyGBs: Positive,
    /** A forward transform of N = 4096 with one 27-bit limb. */
    nttUs: Positive,
  },
  CLOSED,
);

export const MeasurementShape = Type.Object(
  {
    case: Name,
    size: Type.Integer({ minimum: 1 }),
    unit: Type.Union([Type.Literal('s'), Type.Literal('ms'), Type.Literal('us')]),
    /** Of our own contender, in `unit`. */
    median: Positive,
    /** Interquartile range over median. */
    spread: Type.Number({ minimum: 0 }),
    samples: Type.Integer({ minimum: 1 }),
    /** Ours over theirs in speed: 2 means that we take half the time. */
    peers: Type.Record(Name, Type.Number()),
    bytesPerItem: Type.Union([Type.Number(), Type.Null()]),
    /** Of the process of the case, with its inputs and its peers. */
    peakRssMb: Type.Integer({ minimum: 1 }),
    calibration: CalibrationShape,
    machine: Type.String({ maxLength: 200 }),
    commit: Name,
  },
  CLOSED,
);

const RecordedShape = Type.Intersect([
  Type.Omit(MeasurementShape, ['machine', 'commit']),
  Type.Object({
    /** What is inside the timer, and what a size is. */
    timed: Type.String({ minLength: 1, maxLength: 400 }),
    /** Load average of the machine over one minute when the case ended. */
    load: Type.Number({ minimum: 0 }),
    /** Seconds of one operation by contender and round; the first contender is ours. */
    times: Type.Record(Name, Type.Array(Positive, { minItems: 1, maxItems: 1000 })),
  }),
]);

export const ResultsShape = Type.Object(
  {
    format: Type.Literal(RESULTS_FORMAT),
    commit: Name,
    /** ISO 8601, UTC, when the run ended. */
    date: Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$' }),
    machine: Type.String({ minLength: 1, maxLength: 200 }),
    measurements: Type.Array(RecordedShape, { maxItems: 2000 }),
  },
  CLOSED,
);

export type Calibration = Static<typeof CalibrationShape>;
/** One line of `kakehashi bench --json` (DESIGN section 8). */
export type Measurement = Static<typeof MeasurementShape>;
/** The same in a file, which has machine and commit once. */
export type Recorded = Static<typeof RecordedShape>;
export type Results = Static<typeof ResultsShape>;

/** Refuses with INVALID_PARAMETER what is not such a file. */
export function parseResults(text: string): Results {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const [error] = shapeErrors(ResultsShape, value);
  check(error === undefined, 'INVALID_PARAMETER', `results: ${error?.pointer} ${error?.code}`);
  return value as Results;
}

/** Names a measurement within a run. */
export const keyOf = ({ case: name, size }: Pick<Measurement, 'case' | 'size'>): string =>
  `${name} ${size}`;

/** Our own times: the first contender's. */
export const ownTimes = ({ times }: Recorded): readonly number[] => Object.values(times)[0] ?? [];
