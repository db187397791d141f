/**
 * `{ "standardised": { "proportion": condition, "age": "age", "population": "esp-2013", "ages"?: [...] } }`:
 * a directly standardised proportion. `ages` are the first ages of the bands, multiples of five; the
 * last band is open. Without them there is a band of five years from the least age of the column to
 * its greatest. Weights are those of the population over the ages covered; younger rows are left out.
 *
 * Two counts a band, of which a row moves one: the price of a single count.
 * @module
 */
import { Type } from 'typebox';
import { pointerTo } from '../../base/input.ts';
import { conditionJson, conditionPredicate } from '../condition.ts';
import type { Dimension } from '../plan.ts';
import { BAND_YEARS, bandWeights, OLDEST_BAND, POPULATIONS } from '../populations.ts';
import { axisFactor, tallyOf, unitOf } from './exits.ts';
import { knownColumns } from './known.ts';
import type { MeasureContext, MeasureKind } from './measure.ts';
import { shaped } from './shaped.ts';

const Shape = Type.Object(
  {
    proportion: Type.Unknown(),
    age: Type.String({ minLength: 1, maxLength: 64 }),
    population: Type.Enum(POPULATIONS),
    ages: Type.Optional(Type.Array(Type.Integer(), { minItems: 1, maxItems: 20 })),
  },
  { additionalProperties: false },
);

/** Ages in whole years, which is what a band of a population means. */
function readAge(name: string, at: string, context: MeasureContext) {
  const column = context.columns.get(name);
  if (column === undefined) context.report(at, 'UNKNOWN_COLUMN');
  else if (column.type !== 'integer' || !['a', '1'].includes(unitOf(name, context))) {
    context.report(at, 'NOT_AN_AGE');
  } else return column;
  return undefined;
}

function readStarts(
  { min, max }: { readonly min: bigint; readonly max: bigint },
  ages: readonly number[] | undefined,
  at: string,
  { report }: MeasureContext,
): number[] | undefined {
  const years = BigInt(BAND_YEARS);
  if (ages === undefined) {
    const first = min <= 0n ? 0n : ((min + years - 1n) / years) * years;
    const starts: number[] = [];
    for (let age = first; age <= max && age <= BigInt(OLDEST_BAND); age += years) {
      starts.push(Number(age));
    }
    if (starts.length > 0) return starts;
    report(at, 'AGE_BANDS');
    return undefined;
  }
  const bad = ages.flatMap((age, i): (readonly [number, string])[] => {
    const band = age % BAND_YEARS === 0 && age >= 0 && age <= OLDEST_BAND && BigInt(age) <= max;
    if (!band) return [[i, 'AGE_BANDS']];
    return i > 0 && age <= (ages[i - 1] ?? age) ? [[i, 'BINS_NOT_INCREASING']] : [];
  });
  for (const [i, code] of bad) report(pointerTo(at, i), code);
  return bad.length > 0 ? undefined : [...ages];
}

export const standardised: MeasureKind = {
  key: 'standardised',
  read(value, at, context) {
    const asked = shaped(Shape, value, at, context);
    if (asked === undefined) return undefined;
    const condition = context.condition(asked.proportion, pointerTo(at, 'proportion'));
    const column = readAge(asked.age, pointerTo(at, 'age'), context);
    if (column === undefined) return undefined;
    const starts = readStarts(column, asked.ages, pointerTo(at, 'ages'), context);
    if (starts === undefined) return undefined;
    const edges = [...starts.map(BigInt), column.max + 1n];
    const labels = starts.map(String);
    const bands: Dimension = { column: column.name, kind: 'bins', edges, labels };
    const holds = conditionPredicate(condition);
    return {
      content: tallyOf([
        axisFactor(bands),
        { parts: 2, part: { kind: 'condition', holds, known: knownColumns(condition) } },
      ]),
      released: { kind: 'standardised', weights: bandWeights(asked.population, starts) },
      form: {
        standardised: {
          proportion: conditionJson(condition),
          age: column.name,
          population: asked.population,
          ages: starts,
        },
      },
    };
  },
};
