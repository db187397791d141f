/**
 * One configuration from four places, the later ones winning: defaults, `KAKEHASHI_*` variables,
 * `config.json` of the data directory, flags (DESIGN section 9). One closed schema for all.
 *
 * A variable is named after its key in upper case: `logLevel` is `KAKEHASHI_LOG_LEVEL`. Text
 * keys are taken as they are, all others as JSON. Secrets are never values, only paths.
 * @module
 */
import { existsSync, readFileSync } from 'node:fs';
import { type Static, type TObject, type TSchema, Type } from 'typebox';
import { type Json, parseStrict } from '../base/canonical-json.ts';
import { type InputError, Refusal } from '../base/errors.ts';
import { shapeErrors } from '../base/input.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export type ConfigurationSources = {
  readonly defaults: Readonly<Record<string, Json>>;
  readonly environment: Environment;
  /** Path of config.json; it may be absent. */
  readonly file: string;
  /** Undefined values are flags that were not given. */
  readonly flags: Readonly<Record<string, Json | undefined>>;
};

const refuse = (errors: readonly InputError[], detail: string): Refusal =>
  new Refusal('CONFIGURATION_INVALID', detail, { errors });

/** `logLevel` → `KAKEHASHI_LOG_LEVEL`. */
export const variableOf = (key: string): string =>
  `KAKEHASHI_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;

/** True of a string, and of a choice between strings. */
function takesText(schema: TSchema): boolean {
  const {
    type,
    enum: choices,
    anyOf,
  } = schema as {
    readonly type?: unknown;
    readonly enum?: readonly unknown[];
    readonly anyOf?: readonly TSchema[];
  };
  if (choices !== undefined) return choices.every((choice) => typeof choice === 'string');
  return anyOf === undefined ? type === 'string' : anyOf.every(takesText);
}

function fromEnvironment(schema: TObject, environment: Environment): Record<string, Json> {
  const values: Record<string, Json> = {};
  for (const [key, property] of Object.entries(schema.properties)) {
    const text = environment[variableOf(key)];
    if (text === undefined) continue;
    try {
      values[key] = takesText(property) ? text : parseStrict(text);
    } catch {
      throw refuse([{ pointer: `/${key}`, code: 'WRONG_FORMAT' }], variableOf(key));
    }
  }
  return values;
}

function fromFile(file: string): Record<string, Json> {
  if (!existsSync(file)) return {};
  try {
    const json = parseStrict(readFileSync(file, 'utf8'));
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) {
      return Object.fromEntries(Object.entries(json));
    }
  } catch {
    // Said below, in the same words.
  }
  throw refuse([{ pointer: '', code: 'WRONG_FORMAT' }], 'config.json is not a JSON object');
}

/** One setting by itself, checked alone: what has to be known before the rest can be read. */
export function readSetting<Schema extends TObject, Name extends keyof Static<Schema> & string>(
  schema: Schema,
  name: Name,
  { environment, file }: Pick<ConfigurationSources, 'environment' | 'file'>,
): Static<Schema>[Name] | undefined {
  const given = { ...fromEnvironment(schema, environment), ...fromFile(file) }[name];
  const property = schema.properties[name];
  if (given === undefined || property === undefined) return undefined;
  const errors = shapeErrors(Type.Object({ [name]: property }), { [name]: given });
  if (errors.length > 0) throw refuse(errors, 'configuration');
  // The binding: the schema has just been checked.
  return given as Static<Schema>[Name];
}

/** The checked configuration, or CONFIGURATION_INVALID with everything that is wrong. */
export function readConfiguration<Schema extends TObject>(
  schema: Schema,
  { defaults, environment, file, flags }: ConfigurationSources,
): Static<Schema> {
  const given = Object.fromEntries(
    Object.entries(flags).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
  const merged = {
    ...defaults,
    ...fromEnvironment(schema, environment),
    ...fromFile(file),
    ...given,
  };
  const errors = shapeErrors(schema, merged);
  if (errors.length > 0) throw refuse(errors, 'configuration');
  // The binding: the schema has just been checked.
  return merged as Static<Schema>;
}
