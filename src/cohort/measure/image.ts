/**
 * `{ "image": { "digest", "blocks"?, "aggregate"? } }`: what a signed program of the study answers, on disjoint blocks of
 * people or for each person, as its declaration says (dp/mechanism/sample-aggregate.ts). The number of blocks is
 * the analyst's, a public number (rulings 14, 34). The price: as many counts as the program has
 * fields.
 *
 * Blocks are averaged with noise for the whole declared range, over all holders. Inside one holder
 * (inside/choice.ts) `aggregate` may be `median` or `winsorised-mean` instead.
 * @module
 */
import { Type } from 'typebox';
import { readFraction, pointerTo } from '../../base/input.ts';
import type { ImageColumn, ImageField, ImageTerms } from '../image-terms.ts';
import type { ImageContent, PlanColumn } from '../plan.ts';
import { unitOf } from './exits.ts';
import type { MeasureContext, MeasureKind } from './measure.ts';
import { shaped } from './shaped.ts';

const BLOCK_LIMITS = { fewest: 8, most: 4096 } as const;

const Shape = Type.Object(
  {
    digest: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    blocks: Type.Optional(
      Type.Integer({ minimum: BLOCK_LIMITS.fewest, maximum: BLOCK_LIMITS.most }),
    ),
    aggregate: Type.Optional(Type.Enum(['mean', 'median', 'winsorised-mean'])),
  },
  { additionalProperties: false },
);

const CHOSEN = { median: 'median', 'winsorised-mean': 'winsorised' } as const;

const same = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((item, i) => item === b[i]);

function isOfType(wanted: ImageColumn, column: PlanColumn): boolean {
  switch (wanted.type) {
    case 'category':
      return column.type === 'category' && same(column.domain, wanted.domain ?? []);
    case 'date32':
      return column.type === 'date';
    case 'int64':
      return column.type === 'integer';
    case 'float64':
      return column.type === 'integer' || column.type === 'number';
  }
}

/** Whether the study has this column, with its type, domain and unit. */
function isInStudy(wanted: ImageColumn, context: MeasureContext): boolean {
  const { name, unit } = wanted;
  const column = context.columns.get(name);
  const fits = column !== undefined && isOfType(wanted, column);
  return fits && (unit === undefined || unit === unitOf(name, context));
}

const fieldContent = ({ min, max, default: other }: ImageField) => ({
  min: BigInt(min),
  max: BigInt(max),
  default: BigInt(other),
});

function contentOf(
  { digest, boundary, sandbox, declaration }: ImageTerms,
  blocks: number,
): ImageContent {
  const { mode, columns, fields, memory, fuel } = declaration;
  return {
    kind: 'image',
    image: digest,
    mode,
    blocks,
    columns: columns.map(({ name, type }) => ({ name, type })),
    fields: fields.map(fieldContent),
    memory,
    fuel,
    boundary,
    ...(sandbox !== undefined && { operator: sandbox.key }),
  };
}

const releasedField = ({ name, min, max, step, unit }: ImageField) => ({
  name,
  scale: {
    min,
    max,
    step: step === undefined ? 1 : (readFraction(step)?.toNumber() ?? 1),
  },
  unit: unit ?? '1',
});

export const image: MeasureKind = {
  key: 'image',
  read(value, at, context) {
    const asked = shaped(Shape, value, at, context);
    if (asked === undefined) return undefined;
    const { digest, blocks, aggregate = 'mean' } = asked;
    const found = context.images.find((one) => one.digest === digest);
    if (found === undefined) {
      context.report(pointerTo(at, 'digest'), 'UNKNOWN_IMAGE');
      return undefined;
    }
    const { mode, columns, fields } = found.declaration;
    // What the study's stewards signed cannot be read from this study's columns.
    const isReadable = columns.every((column) => isInStudy(column, context));
    if (!isReadable) context.report(at, 'COLUMN_MISMATCH');
    const given = blocks !== undefined;
    if (mode === 'block' && !given) context.report(pointerTo(at, 'blocks'), 'MISSING_FIELD');
    if (mode === 'map' && given) context.report(pointerTo(at, 'blocks'), 'UNKNOWN_FIELD');
    if (aggregate !== 'mean') {
      // Of people one by one there is nothing to take the median of.
      if (mode === 'map') context.report(pointerTo(at, 'aggregate'), 'NOT_IN_MAP_MODE');
      // Answers of rows that one holder alone has are chosen from where they are.
      if (found.sandbox !== undefined)
        context.report(pointerTo(at, 'aggregate'), 'NOT_IN_THE_SANDBOX');
      return {
        choice: { kind: CHOSEN[aggregate], content: contentOf(found, blocks ?? 1) },
        released: {
          kind: 'image',
          aggregate,
          blocks: blocks ?? 1,
          fields: fields.map(releasedField),
        },
        form: { image: { digest, blocks: blocks ?? null, aggregate } },
      };
    }
    return {
      content: contentOf(found, blocks ?? 0),
      released: { kind: 'image', mode, blocks: blocks ?? 0, fields: fields.map(releasedField) },
      form: { image: { digest, blocks: blocks ?? null } },
    };
  },
};
