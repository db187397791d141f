/** An integer column: written as a safe number, read back as the bigint that libsql gives. @module */
import type { ColumnType } from 'kysely';

export type StoredInteger = ColumnType<bigint | number, number, number>;
