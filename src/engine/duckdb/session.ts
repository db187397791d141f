/**
 * One DuckDB database, opened for one piece of work: bounded memory and threads, spilling only
 * inside the data directory, no extensions, no files or network once it is sealed.
 *
 * DuckDB quotes the offending row or value in its error text, and such a text would end up in a
 * log. No message of DuckDB leaves this file: only its kind and, for a CSV file, the line.
 * @module
 */
import { setImmediate } from 'node:timers/promises';
import {
  type DuckDBAppender,
  DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBConnection,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';
import { Refusal } from '../../base/errors.ts';
import type { Bound } from './parameters.ts';

export type SessionOptions = {
  readonly file: string;
  readonly readOnly: boolean;
  readonly tmpDirectory: string;
  readonly threads: number;
  /** DuckDB's spelling, such as `1GB`. */
  readonly memoryLimit: string;
};

/** What an aggregate or a definition may be: nothing here returns text of a row. */
export type Row = readonly DuckDBValue[];

const KIND = /^((?:[A-Z][A-Za-z]+ ){1,3})Error:/;
const CSV_LINE = /CSV Error on Line: (\d+)/;
const CSV_FAULT = /CSV (?:Error|Parser)|not utf-8|Maximum line size/i;

/** A fault without the text that describes it: that text quotes data. */
function faultOf(error: unknown): Refusal {
  const text = error instanceof Error ? error.message : '';
  if (CSV_FAULT.test(text)) {
    const line = CSV_LINE.exec(text)?.[1];
    return new Refusal('COHORT_UNREADABLE', line === undefined ? 'table' : `line ${line}`);
  }
  return new Refusal('INTERNAL', `DuckDB: ${KIND.exec(text)?.[1]?.trim() ?? 'unknown'}`);
}

/** Rows of a chunk: what DuckDB calls its vector size. */
const CHUNK_ROWS = 2048;
/** Chunks between two flushes; the process serves others in between. */
const FLUSH_CHUNKS = 16;

/** Adds rows to one table. */
export class TableAppender {
  readonly #appender: DuckDBAppender;
  readonly #types: readonly DuckDBType[];
  #chunks = 0;

  constructor(appender: DuckDBAppender, types: readonly DuckDBType[]) {
    this.#appender = appender;
    this.#types = types;
  }

  /** Adds `count` rows; `rows(from, to)` gives their values by column. */
  async append(count: number, rows: (from: number, to: number) => DuckDBValue[][]): Promise<void> {
    for (let from = 0; from < count; from += CHUNK_ROWS) {
      const values = rows(from, Math.min(count, from + CHUNK_ROWS));
      try {
        const chunk = DuckDBDataChunk.create(this.#types, values[0]?.length ?? 0);
        chunk.setColumns(values);
        this.#appender.appendDataChunk(chunk);
        this.#chunks += 1;
        if (this.#chunks % FLUSH_CHUNKS === 0) this.#appender.flushSync();
      } catch (error) {
        throw faultOf(error);
      }
      if (this.#chunks % FLUSH_CHUNKS === 0) await setImmediate();
    }
  }

  close(): void {
    try {
      this.#appender.closeSync();
    } catch (error) {
      throw faultOf(error);
    }
  }
}

export class Session {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance;
    this.#connection = connection;
  }

  /** A read-only session is sealed from the start; another one by `seal`. */
  static async open(options: SessionOptions): Promise<Session> {
    try {
      const instance = await DuckDBInstance.create(options.file, {
        threads: String(options.threads),
        memory_limit: options.memoryLimit,
        temp_directory: options.tmpDirectory,
        autoinstall_known_extensions: 'false',
        autoload_known_extensions: 'false',
        allow_community_extensions: 'false',
        ...(options.readOnly
          ? {
              access_mode: 'READ_ONLY',
              enable_external_access: 'false',
              lock_configuration: 'true',
            }
          : {}),
      });
      return new Session(instance, await instance.connect());
    } catch (error) {
      throw new Refusal('DATA_DIRECTORY_DAMAGED', faultOf(error).detail);
    }
  }

  /** No more files, no more settings. */
  async seal(): Promise<void> {
    await this.run('SET enable_external_access = false');
    await this.run('SET lock_configuration = true');
  }

  async run(sql: string, bound: Bound = NOTHING): Promise<void> {
    await this.rows(sql, bound);
  }

  async rows(sql: string, bound: Bound = NOTHING): Promise<Row[]> {
    try {
      const result = await this.#connection.runAndReadAll(sql, [...bound.values], [...bound.types]);
      return result.getRows();
    } catch (error) {
      throw faultOf(error);
    }
  }

  /** The same in chunks of columns, as they come: for what reads whole columns. */
  async *chunks(sql: string, bound: Bound): AsyncGenerator<DuckDBDataChunk> {
    try {
      const result = await this.#connection.stream(sql, [...bound.values], [...bound.types]);
      for (;;) {
        const chunk = await result.fetchChunk();
        if (chunk === null || chunk.rowCount === 0) return;
        yield chunk;
      }
    } catch (error) {
      throw error instanceof Refusal ? error : faultOf(error);
    }
  }

  async appender(table: string, types: readonly DuckDBType[]): Promise<TableAppender> {
    try {
      return new TableAppender(await this.#connection.createAppender(table), types);
    } catch (error) {
      throw faultOf(error);
    }
  }

  /** Ends the statement that is running; it fails with its kind. */
  interrupt(): void {
    this.#connection.interrupt();
  }

  close(): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
  }
}

const NOTHING: Bound = { values: [] as DuckDBValue[], types: [] as DuckDBType[] };
