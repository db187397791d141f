/**
 * What a self-test says: each time, and the range in which it should be on this machine as it is now.
 *
 * The range comes from the published results. They were measured on some machine with some speed of AES
 * (OpenSSL's, so no change of ours moves it); today's speed of AES, measured in the same second as the cases, scales
 * them. A slow machine shows in `machine`, a regression of ours in a case outside its range.
 * @module
 */
import { type Static, Type } from 'typebox';
import { keyOf, type Results } from '../benchmarks/results.ts';
import { secondsOf } from '../benchmarks/charts.ts';

const CLOSED = { additionalProperties: false } as const;

export const SelfTestShape = Type.Object(
  {
    /** ISO 8601, when it ended. */
    date: Type.String(),
    machine: Type.Object(
      {
        aesGiBs: Type.Number(),
        /** Of the published results; null where there are none. */
        publishedAesGiBs: Type.Union([Type.Number(), Type.Null()]),
      },
      CLOSED,
    ),
    cases: Type.Array(
      Type.Object(
        {
          case: Type.String(),
          size: Type.Integer(),
          /** Median, in microseconds. */
          us: Type.Number(),
          /** [low, high] in microseconds; null where nothing was published. */
          expected: Type.Union([Type.Tuple([Type.Number(), Type.Number()]), Type.Null()]),
          verdict: Type.Union([
            Type.Literal('within'),
            Type.Literal('fast'),
            Type.Literal('slow'),
            Type.Literal('unknown'),
          ]),
        },
        CLOSED,
      ),
    ),
  },
  CLOSED,
);
export type SelfTestReport = Static<typeof SelfTestShape>;

/** What the worker measured. */
export type SelfTestTimes = {
  readonly aesGiBs: number;
  readonly cases: readonly { readonly case: string; readonly size: number; readonly us: number }[];
};

/** Times of a busy machine scatter by so much between a quiet minute and a full one. */
const FACTOR = 2;

const short = (value: number): number => Number(value.toPrecision(4));

type Verdict = SelfTestReport['cases'][number]['verdict'];

function verdictOf(us: number, range: readonly [number, number] | null): Verdict {
  if (range === null) return 'unknown';
  const [low, high] = range;
  return us > high ? 'slow' : us < low ? 'fast' : 'within';
}

/** `published` is the latest committed run, where there is one. */
export function selfTestReport(
  { aesGiBs, cases }: SelfTestTimes,
  published: Results | undefined,
  date: Date,
): SelfTestReport {
  const entries = new Map(published?.measurements.map((entry) => [keyOf(entry), entry]));
  const speeds = published?.measurements.map((entry) => entry.calibration.aesGiBs) ?? [];
  return {
    date: date.toISOString(),
    machine: {
      aesGiBs: short(aesGiBs),
      publishedAesGiBs: speeds.length === 0 ? null : Math.max(...speeds),
    },
    cases: cases.map(({ case: name, size, us }) => {
      const entry = entries.get(keyOf({ case: name, size }));
      const middle =
        entry === undefined
          ? undefined
          : secondsOf(entry) * 1e6 * (entry.calibration.aesGiBs / aesGiBs);
      const expected: [number, number] | null =
        middle === undefined ? null : [short(middle / FACTOR), short(middle * FACTOR)];
      return { case: name, size, us: short(us), expected, verdict: verdictOf(us, expected) };
    }),
  };
}
