/**
 * Reads a JSON document of a person member by member and collects everything that is wrong, as
 * pointers and codes. What a method returns is meant only for a document without errors.
 * @module
 */
import { type InputError, Refusal } from '../base/errors.ts';
import { pointerTo } from '../base/input.ts';

export type Members = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export class Reader {
  readonly #errors: InputError[] = [];

  wrong(pointer: string, code: string): void {
    this.#errors.push({ pointer, code });
  }

  /** Absent, or of another type than it should be. */
  #missing(value: unknown, at: string): void {
    this.wrong(at, value === undefined ? 'MISSING_FIELD' : 'WRONG_TYPE');
  }

  /** The members of an object that has none but `known` and all of `needed`. */
  object(
    value: unknown,
    at: string,
    known: readonly string[],
    needed: readonly string[] = [],
  ): Members {
    if (!isObject(value)) {
      this.#missing(value, at);
      return {};
    }
    for (const name of Object.keys(value)) {
      if (!known.includes(name)) this.wrong(pointerTo(at, name), 'UNKNOWN_FIELD');
    }
    for (const name of needed) {
      if (value[name] === undefined) this.wrong(pointerTo(at, name), 'MISSING_FIELD');
    }
    return value;
  }

  /** One of `values`; the first one where it is absent. */
  choice<T extends string>(value: unknown, at: string, values: readonly [T, ...T[]]): T {
    const found = values.find((known) => known === value);
    if (found === undefined && value !== undefined) {
      this.wrong(at, typeof value === 'string' ? 'UNKNOWN_VALUE' : 'WRONG_TYPE');
    }
    return found ?? values[0];
  }

  text(value: unknown, at: string, fallback = ''): string {
    if (typeof value === 'string') return value;
    if (value !== undefined) this.wrong(at, 'WRONG_TYPE');
    return fallback;
  }

  integer(value: unknown, at: string, [least, most]: readonly [number, number]): number {
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) this.wrong(at, 'WRONG_TYPE');
    else if (value < least || value > most) this.wrong(at, 'OUT_OF_RANGE');
    else return value;
    return least;
  }

  flag(value: unknown, at: string): boolean {
    if (value !== undefined && typeof value !== 'boolean') this.wrong(at, 'WRONG_TYPE');
    return value === true;
  }

  list(value: unknown, at: string, most: number): readonly unknown[] {
    if (!Array.isArray(value)) {
      this.#missing(value, at);
      return [];
    }
    if (value.length === 0) this.wrong(at, 'TOO_FEW_ITEMS');
    if (value.length > most) this.wrong(at, 'TOO_MANY_ITEMS');
    return value.slice(0, most);
  }

  get clean(): boolean {
    return this.#errors.length === 0;
  }

  /** Refuses with INVALID_PARAMETER where anything was wrong. */
  finish(): void {
    if (!this.clean) throw new Refusal('INVALID_PARAMETER', 'shape', { errors: this.#errors });
  }
}
