/**
 * Values of a statement: every one is bound, none is ever written into SQL text. Names of
 * columns are not needed either, because stored columns are called c0, c1, ... (stored-cohort.ts).
 * @module
 */
import {
  BIGINT,
  type DuckDBType,
  type DuckDBValue,
  HUGEINT,
  INTEGER,
  LIST,
  listValue,
  VARCHAR,
} from '@duckdb/node-api';
import { check } from '../../base/errors.ts';

export type Bound = {
  readonly values: readonly DuckDBValue[];
  readonly types: readonly DuckDBType[];
};

const INT64_MAX = 2n ** 63n - 1n;

/** Collects values and hands out their placeholders `$1`, `$2`, ... */
export class Parameters implements Bound {
  readonly values: DuckDBValue[] = [];
  readonly types: DuckDBType[] = [];

  #bind(value: DuckDBValue, type: DuckDBType): string {
    this.values.push(value);
    this.types.push(type);
    return `$${this.values.length}`;
  }

  text(value: string): string {
    return this.#bind(value, VARCHAR);
  }

  texts(values: readonly string[]): string {
    return this.#bind(listValue([...values]), LIST(VARCHAR));
  }

  integer(value: number): string {
    check(Number.isInteger(value) && Math.abs(value) < 2 ** 31, 'INVALID_PARAMETER', 'int32');
    return this.#bind(value, INTEGER);
  }

  bigint(value: bigint): string {
    check(value >= -INT64_MAX && value <= INT64_MAX, 'INVALID_PARAMETER', 'int64');
    return this.#bind(value, BIGINT);
  }

  bigints(values: readonly bigint[]): string {
    check(
      values.every((value) => value >= -INT64_MAX && value <= INT64_MAX),
      'INVALID_PARAMETER',
      'int64',
    );
    return this.#bind(listValue([...values]), LIST(BIGINT));
  }

  hugeint(value: bigint): string {
    check(value > -(2n ** 127n) && value < 2n ** 127n, 'INVALID_PARAMETER', 'int128');
    return this.#bind(value, HUGEINT);
  }
}
