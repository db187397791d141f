/**
 * What an image says of itself: the columns it reads, what it puts out and between which public bounds,
 * how much memory and fuel a call has. Stewards sign these fields with the digest of the image, the plan
 * takes its sensitivity from them, the runner its limits. Format in sandbox-images/README.md.
 * @module
 */
import { type Static, Type } from 'typebox';
import type { InputError } from '../base/errors.ts';
import { isPlainLine, pointerTo, readFraction, shapeErrors } from '../base/input.ts';

export const DECLARATION_FORMAT = 'kakehashi/image/1';
export const ABI_VERSION = 1;

const CLOSED = { additionalProperties: false } as const;
const Name = Type.String({ pattern: '^[a-z][a-z0-9_-]{0,62}$' });
const Line = Type.String({ minLength: 1, maxLength: 200 });
/** Clamped sums of up to 2^30 answers of this width stay exact in 64 bits, and so do their squares. */
const WIDEST_FIELD = 2 ** 16;
const Bound = Type.Integer({ minimum: -(2 ** 40), maximum: 2 ** 40 });

const Column = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 64 }),
    type: Type.Enum(['int64', 'float64', 'date32', 'category']),
    /** Of a category, in the order of its codes: the domain of the study. */
    domain: Type.Optional(Type.Array(Line, { minItems: 1, maxItems: 1024 })),
    /** UCUM; of the study, where given. */
    unit: Type.Optional(Line),
  },
  CLOSED,
);

const Field = Type.Object(
  {
    name: Name,
    min: Bound,
    max: Bound,
    /** What a call that fails counts as. */
    default: Bound,
    /** Value shown = integer times this; an exact fraction in lowest terms. */
    step: Type.Optional(Type.String({ minLength: 3, maxLength: 40 })),
    unit: Type.Optional(Line),
  },
  CLOSED,
);

const DeclarationShape = Type.Object(
  {
    format: Type.Literal(DECLARATION_FORMAT),
    name: Name,
    version: Type.String({ pattern: '^[0-9]{1,5}\\.[0-9]{1,5}\\.[0-9]{1,5}$' }),
    author: Line,
    abi: Type.Literal(ABI_VERSION),
    /** One answer for each block of people, or for each person. */
    mode: Type.Enum(['block', 'map']),
    columns: Type.Array(Column, { minItems: 1, maxItems: 64 }),
    fields: Type.Array(Field, { minItems: 1, maxItems: 32 }),
    /** Pages of 64 KiB, all of them there from the start. */
    memory: Type.Integer({ minimum: 1, maximum: 1024 }),
    fuel: Type.Integer({ minimum: 1, maximum: 1_000_000_000 }),
  },
  CLOSED,
);

export type Declaration = Static<typeof DeclarationShape>;
export type DeclaredColumn = Declaration['columns'][number];
export type DeclaredField = Declaration['fields'][number];

type Report = (code: string, ...at: readonly (string | number)[]) => void;

function columnErrors(columns: readonly DeclaredColumn[], report: Report): void {
  const seen = new Set<string>();
  columns.forEach(({ name, type, domain, unit }, i) => {
    if (seen.has(name)) report('DUPLICATE_NAME', 'columns', i, 'name');
    seen.add(name);
    if (!isPlainLine(name, 64)) report('WRONG_FORMAT', 'columns', i, 'name');
    if ((type === 'category') !== (domain !== undefined)) report('DOMAIN', 'columns', i, 'domain');
    const measured = type === 'int64' || type === 'float64';
    if (unit !== undefined && !measured) report('UNKNOWN_FIELD', 'columns', i, 'unit');
  });
}

function fieldErrors(fields: readonly DeclaredField[], report: Report): void {
  const seen = new Set<string>();
  fields.forEach(({ name, min, max, default: other, step }, i) => {
    if (seen.has(name)) report('DUPLICATE_NAME', 'fields', i, 'name');
    seen.add(name);
    if (!(min < max) || max - min > WIDEST_FIELD) report('OUT_OF_RANGE', 'fields', i, 'max');
    if (other < min || other > max) report('OUT_OF_RANGE', 'fields', i, 'default');
    if (step !== undefined && (readFraction(step)?.sign() ?? 0) <= 0) {
      report('STEP_INVALID', 'fields', i, 'step');
    }
  });
}

/** Every fault of a declaration, with pointers below `base`; empty where there is none. */
export function declarationErrors(value: unknown, base = ''): InputError[] {
  const shape = shapeErrors(DeclarationShape, value, base);
  if (shape.length > 0) return shape;
  const declaration = value as Declaration;
  const errors: InputError[] = [];
  const report: Report = (code, ...at) => {
    errors.push({ pointer: pointerTo(base, ...at), code });
  };
  if (!isPlainLine(declaration.author, 200)) report('WRONG_FORMAT', 'author');
  columnErrors(declaration.columns, report);
  fieldErrors(declaration.fields, report);
  return errors;
}
