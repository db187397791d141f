/**
 * Who was ever loaded at this holder, and who has withdrawn: `cohorts/people.duckdb`.
 *
 *     person(identity UHUGEINT, epoch INTEGER)       the epoch in which a person was first seen
 *     withdrawn(identity UHUGEINT, batch INTEGER)    never counted again, in no study
 *
 * `identity` is a keyed hash of the identifier under a key of this holder (content.ts), so the file
 * names nobody. People are compared inside DuckDB: none of them is ever in the JavaScript heap.
 * The commitment to each epoch is in the hash-chained ledger, that to each batch of withdrawals in
 * the store: a register that was deleted, set back or edited is DATA_DIRECTORY_DAMAGED.
 *
 * A person is recognised by the text of the identifier (NFC, trimmed). Who gives people new
 * pseudonyms makes new people of them; a holder's staff can do that and the register cannot see it.
 * @module
 */
import { chmod } from 'node:fs/promises';
import { check } from '../../base/errors.ts';
import { toHex } from '../../base/bytes.ts';
import { type Digest, hmacSha256 } from '../../base/hash.ts';
import type { Secret } from '../../base/secret.ts';
import { transcriptBytes } from '../../base/transcript.ts';
import { hashSums } from './content.ts';
import { readIdentities } from './identity-list.ts';
import { Parameters } from './parameters.ts';
import { Session } from './session.ts';

export type RegisterOptions = {
  readonly file: string;
  readonly tmpDirectory: string;
  readonly identityKey: Secret;
  readonly threads: number;
  readonly memoryLimit: string;
  /** By number: what the ledger and the store say is in it. */
  readonly epochs: ReadonlyMap<number, Digest>;
  readonly batches: ReadonlyMap<number, Digest>;
};

export type Enrolled = {
  /** Epochs of the people of a cohort, ascending. */
  readonly epochs: readonly number[];
  /** Commitment to those who were never seen; they are the last epoch. */
  readonly people: Digest | undefined;
};

export type Withdrawn = {
  readonly batch: number;
  /** Identifiers given that had not withdrawn before, and how many of them were ever loaded. */
  readonly people: number;
  readonly known: number;
  readonly commitment: Digest;
};

/** Tables of a cohort file (stored-cohort.ts); those of people have their `person`. */
const OF_PEOPLE: readonly string[] = ['cohort', 'person_identity', 'person_concept', 'person_link'];
const STORED_TABLES: readonly string[] = [...OF_PEOPLE, 'description', 'concept_ancestor'];

type Kind = 'epoch' | 'withdrawal';

const TABLE = { epoch: ['person', 'epoch'], withdrawal: ['withdrawn', 'batch'] } as const;

export class PeopleRegister {
  readonly #session: Session;
  readonly #options: RegisterOptions;

  private constructor(session: Session, options: RegisterOptions) {
    this.#session = session;
    this.#options = options;
  }

  /** Verifies what is there, and drops what an interrupted load left. */
  static async open(options: RegisterOptions): Promise<PeopleRegister> {
    const { file, tmpDirectory, threads, memoryLimit } = options;
    const common = { file, tmpDirectory, threads, memoryLimit };
    const session = await Session.open({ ...common, readOnly: false });
    const register = new PeopleRegister(session, options);
    try {
      await chmod(file, 0o600);
      await session.run(
        'CREATE TABLE IF NOT EXISTS person (identity UHUGEINT NOT NULL, epoch INTEGER NOT NULL)',
      );
      await session.run(
        'CREATE TABLE IF NOT EXISTS withdrawn (identity UHUGEINT NOT NULL, batch INTEGER NOT NULL)',
      );
      await register.#verify();
      return register;
    } catch (error) {
      session.close();
      throw error;
    }
  }

  /** The people of a cohort file, who are none of those who withdrew, as epochs of persons. */
  async enrol(cohort: string): Promise<Enrolled> {
    const next = this.#options.epochs.size + 1;
    await this.#attach(cohort);
    try {
      const parameters = new Parameters();
      await this.#session.run(
        `INSERT INTO person SELECT DISTINCT identity, ${parameters.integer(next)}
          FROM loaded.person_identity ANTI JOIN person USING (identity) ORDER BY ALL`,
        parameters,
      );
      const rows = await this.#session.rows(
        `SELECT DISTINCT epoch FROM person SEMI JOIN loaded.person_identity USING (identity)
          ORDER BY epoch`,
      );
      const epochs = rows.map(([epoch]) => Number(epoch));
      const opened = epochs.includes(next);
      const people = opened ? (await this.#commitments('epoch')).get(next) : undefined;
      await this.#session.run('CHECKPOINT');
      return { epochs, people };
    } finally {
      await this.#detach();
    }
  }

  /**
   * Writes a cohort file without who withdrew; answers how many those are, and writes nothing where
   * there are none. A copy, because what is deleted in a DuckDB file can stay in its blocks.
   */
  async copyWithout(cohort: string, copy: string): Promise<number> {
    await this.#attach(cohort);
    try {
      const gone = await this.#count('loaded.person_identity SEMI JOIN withdrawn USING (identity)');
      if (gone === 0) return 0;
      await this.#session.run(`ATTACH ${quoted(copy)} AS copy`);
      try {
        for (const [table, sql] of await this.#kept()) {
          await this.#session.run(`CREATE TABLE copy.${table} AS ${sql}`);
        }
        await this.#session.run(
          `UPDATE copy.description SET rows = (SELECT count(*) FROM copy.cohort),
            people = (SELECT count(*) FROM copy.person_identity)`,
        );
        await this.#session.run('CHECKPOINT copy');
      } finally {
        await this.#session.run('DETACH copy');
      }
      await chmod(copy, 0o600);
      return gone;
    } finally {
      await this.#detach();
    }
  }

  /** What stays of each table of the attached cohort. */
  async #kept(): Promise<[table: string, sql: string][]> {
    const rows = await this.#session.rows(
      "SELECT table_name FROM duckdb_tables() WHERE database_name = 'loaded'",
    );
    const gone = 'SELECT person FROM loaded.person_identity SEMI JOIN withdrawn USING (identity)';
    return rows.map(([name]) => {
      const table = String(name);
      check(STORED_TABLES.includes(table), 'DATA_DIRECTORY_DAMAGED', 'table of a cohort');
      const all = `SELECT * FROM loaded.${table}`;
      return [table, OF_PEOPLE.includes(table) ? `${all} WHERE person NOT IN (${gone})` : all];
    });
  }

  async #count(from: string): Promise<number> {
    const [row = []] = await this.#session.rows(`SELECT count(*) FROM ${from}`);
    return Number(row[0] ?? 0);
  }

  /** Adds the identifiers of a text file, one in each line. Refuses with COHORT_UNREADABLE. */
  async withdraw(file: string): Promise<Withdrawn> {
    const { batches, identityKey } = this.#options;
    const batch = Math.max(0, ...batches.keys()) + 1;
    await readIdentities(this.#session, file, identityKey);
    const parameters = new Parameters();
    await this.#session.run(
      `INSERT INTO withdrawn SELECT identity, ${parameters.integer(batch)}
        FROM given ANTI JOIN withdrawn USING (identity) ORDER BY ALL`,
      parameters,
    );
    const counted = new Parameters();
    const [row = []] = await this.#session.rows(
      `SELECT count(*), count(*) FILTER (identity IN (SELECT identity FROM person))
        FROM withdrawn WHERE batch = ${counted.integer(batch)}`,
      counted,
    );
    const commitment = (await this.#commitments('withdrawal')).get(batch) ?? '';
    await this.#session.run('CHECKPOINT');
    return { batch, people: Number(row[0] ?? 0), known: Number(row[1] ?? 0), commitment };
  }

  /** People of each epoch. */
  async sizes(): Promise<ReadonlyMap<number, number>> {
    const rows = await this.#session.rows(
      'SELECT epoch, count(*) FROM person GROUP BY epoch ORDER BY epoch',
    );
    return new Map(rows.map(([epoch, people]) => [Number(epoch), Number(people)]));
  }

  close(): void {
    this.#session.close();
  }

  async #verify(): Promise<void> {
    const { epochs } = this.#options;
    const parameters = new Parameters();
    // A load that stopped before the ledger booked it: nothing was ever charged to these.
    await this.#session.run(
      `DELETE FROM person WHERE epoch > ${parameters.integer(epochs.size)}`,
      parameters,
    );
    await this.#compare('epoch', epochs);
    // A withdrawal that the store does not know yet stands: it is booked with the next one.
    await this.#compare('withdrawal', this.#options.batches);
  }

  async #compare(kind: Kind, expected: ReadonlyMap<number, Digest>): Promise<void> {
    const found = await this.#commitments(kind);
    for (const [number, digest] of expected) {
      check(found.get(number) === digest, 'DATA_DIRECTORY_DAMAGED', `people: ${kind} ${number}`);
    }
  }

  async #commitments(kind: Kind): Promise<ReadonlyMap<number, Digest>> {
    const [table, column] = TABLE[kind];
    const rows = await this.#session.rows(
      `SELECT ${column}, count(*), ${hashSums('identity')} FROM ${table} GROUP BY ${column}`,
    );
    return new Map(
      rows.map(([number, ...sums]) => {
        const parts = [kind, Number(number), ...sums.map((sum) => String(sum))];
        const bytes = transcriptBytes('kakehashi/people/1', parts);
        return [Number(number), toHex(hmacSha256(this.#options.identityKey, bytes))];
      }),
    );
  }

  #attach(file: string): Promise<void> {
    return this.#session.run(`ATTACH ${quoted(file)} AS loaded (READ_ONLY)`);
  }

  #detach(): Promise<void> {
    return this.#session.run('DETACH loaded');
  }
}

/** A statement that attaches takes no parameters. */
const quoted = (path: string): string => `'${path.replaceAll("'", "''")}'`;
