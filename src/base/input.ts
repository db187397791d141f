/**
 * What is wrong in a person's own input, and where: RFC 6901 pointers and stable codes.
 *
 * A TypeBox schema says what shape an object has; `shapeErrors` turns the validator's findings
 * into codes that do not change with its version. Meaning is checked by the caller, with the
 * same kind of error. Unlike messages of peers, such input is answered with everything found.
 * @module
 */
import type { TSchema } from 'typebox';
import { Errors } from 'typebox/value';
import type { InputError } from './errors.ts';
import { Rational } from './rational.ts';

/** JSON schema keyword → code. `boolean` is the second voice of additionalProperties. */
const CODE: Readonly<Record<string, string>> = {
  additionalProperties: 'UNKNOWN_FIELD',
  required: 'MISSING_FIELD',
  type: 'WRONG_TYPE',
  enum: 'UNKNOWN_VALUE',
  const: 'UNKNOWN_VALUE',
  pattern: 'WRONG_FORMAT',
  minimum: 'OUT_OF_RANGE',
  maximum: 'OUT_OF_RANGE',
  exclusiveMinimum: 'OUT_OF_RANGE',
  exclusiveMaximum: 'OUT_OF_RANGE',
  minLength: 'WRONG_LENGTH',
  maxLength: 'WRONG_LENGTH',
  minItems: 'TOO_FEW_ITEMS',
  maxItems: 'TOO_MANY_ITEMS',
  minProperties: 'TOO_FEW_ITEMS',
  maxProperties: 'TOO_MANY_ITEMS',
};

/** The code of a JSON schema keyword. */
export const inputCode = (keyword: string): string => CODE[keyword] ?? 'WRONG_TYPE';

/** A pointer to `tokens` below `base` (RFC 6901 section 3). */
export const pointerTo = (base: string, ...tokens: readonly (string | number)[]): string =>
  base + tokens.map((t) => `/${String(t).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** Every way in which `value` has not the shape of `schema`; empty where it has. */
export function shapeErrors(schema: TSchema, value: unknown, base = ''): InputError[] {
  const errors: InputError[] = [];
  for (const error of Errors(schema, value)) {
    const at = base + error.instancePath;
    const code = inputCode(error.keyword);
    if (error.keyword === 'boolean') continue;
    if (error.keyword === 'additionalProperties') {
      const names = error.params.additionalProperties;
      errors.push(...names.map((name) => ({ pointer: pointerTo(at, name), code })));
    } else if (error.keyword === 'required') {
      const names = error.params.requiredProperties;
      errors.push(...names.map((name) => ({ pointer: pointerTo(at, name), code })));
    } else {
      errors.push({ pointer: at, code });
    }
  }
  return errors;
}

/**
 * One line of text that a terminal shows as it is: no control or format characters (a study's
 * title must not be able to rewrite the screen of the steward who signs it), in NFC, 1 to
 * `limit` UTF-16 units, no white space at the ends.
 */
export const isPlainLine = (text: string, limit: number): boolean =>
  text.length > 0 &&
  text.length <= limit &&
  text.isWellFormed() &&
  text.normalize('NFC') === text &&
  text.trim() === text &&
  !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text);

/** A fraction that is not negative, in lowest terms; undefined for any other text. */
export function readFraction(text: string): Rational | undefined {
  if (text.length > 80 || !/^(?:0|[1-9][0-9]*)\/[1-9][0-9]*$/.test(text)) return undefined;
  const [numerator = '', denominator = ''] = text.split('/');
  const value = Rational.of(BigInt(numerator), BigInt(denominator));
  return value.toString() === text ? value : undefined;
}
