/**
 * The log of every study, on disk: entries numbered from 0 without gaps, never changed, and the
 * checkpoints that holders were asked to co-sign.
 *
 * An entry is written in the transaction of what it records, so the log has what happened and
 * nothing else, also after a crash. A tree in memory is read forward from the rows when it is
 * needed; only committed rows may be in it.
 * @module
 */
import type { Checkpoint } from '../../audit/checkpoint.ts';
import { entryLeaf, type LogEntry } from '../../audit/entry.ts';
import { SALT_BYTES } from '../../audit/leaf.ts';
import { MerkleTree } from '../../audit/tree.ts';
import { toHex } from '../../base/bytes.ts';
import { canonicalJson, type Json, parseStrict } from '../../base/canonical-json.ts';
import { check } from '../../base/errors.ts';
import type { Digest } from '../../base/hash.ts';
import type { Rng } from '../../base/rng.ts';
import type { SandboxStore } from './sandbox-store.ts';
import type { Statements } from './store.ts';

export type StoredEntry = { readonly index: number; readonly salt: string; readonly entry: Json };

/** A checkpoint that was announced for `run` because of the entry `index`. */
export type StoredCheckpoint = Checkpoint & { readonly run: Digest; readonly index: number };

export class SandboxLog {
  readonly #store: SandboxStore;
  readonly #rng: Rng;
  readonly #trees = new Map<Digest, MerkleTree>();

  constructor(store: SandboxStore, rng: Rng) {
    this.#store = store;
    this.#rng = rng;
  }

  /** Enters what is called `name` once; gives its number. */
  async append(tx: Statements, study: Digest, name: string, entry: LogEntry): Promise<number> {
    const { db } = this.#store;
    const before = await this.#find(tx, study, name);
    if (before !== undefined) return before;
    const last = await tx.first(
      db
        .selectFrom('audit_entry')
        .select(({ fn }) => fn.max('number').as('number'))
        .where('study', '=', study),
    );
    // Of no rows the maximum is null.
    const number = Number(last?.number ?? -1n) + 1;
    const salt = this.#rng(SALT_BYTES);
    const leaf = entryLeaf(salt, entry);
    const row = { study, number, name, entry: canonicalJson(entry), salt, leaf };
    await tx.run(db.insertInto('audit_entry').values(row));
    return number;
  }

  async #find(on: Statements, study: Digest, name: string): Promise<number | undefined> {
    const row = await on.first(
      this.#store.db
        .selectFrom('audit_entry')
        .select('number')
        .where('study', '=', study)
        .where('name', '=', name),
    );
    return row === undefined ? undefined : Number(row.number);
  }

  /** The tree with every committed entry. Not within a transaction that has appended. */
  async tree(study: Digest, on: Statements = this.#store): Promise<MerkleTree> {
    const tree = this.#trees.get(study) ?? new MerkleTree();
    this.#trees.set(study, tree);
    const rows = await on.all(
      this.#store.db
        .selectFrom('audit_entry')
        .select(['number', 'leaf'])
        .where('study', '=', study)
        .where('number', '>=', BigInt(tree.size))
        .orderBy('number'),
    );
    for (const { number, leaf } of rows) {
      // Somebody else read it meanwhile.
      if (Number(number) < tree.size) continue;
      check(Number(number) === tree.size, 'DATA_DIRECTORY_DAMAGED', `log of ${study} has a gap`);
      tree.append(leaf);
    }
    return tree;
  }

  /** Entries from `from` up to `to`, the latter not included. */
  async entries(
    study: Digest,
    from: number,
    to: number,
    on: Statements = this.#store,
  ): Promise<StoredEntry[]> {
    return (
      await on.all(
        this.#store.db
          .selectFrom('audit_entry')
          .select(['number', 'salt', 'entry'])
          .where('study', '=', study)
          .where('number', '>=', BigInt(from))
          .where('number', '<', BigInt(to))
          .orderBy('number'),
      )
    ).map(({ number, salt, entry }) => ({
      index: Number(number),
      salt: toHex(salt),
      entry: parseStrict(entry),
    }));
  }

  async checkpoint(
    study: Digest,
    run: Digest,
    on: Statements = this.#store,
  ): Promise<StoredCheckpoint | undefined> {
    const row = await on.first(
      this.#store.db
        .selectFrom('audit_checkpoint')
        .selectAll()
        .where('study', '=', study)
        .where('run', '=', run),
    );
    return row && { study, run, size: Number(row.size), root: row.root, index: Number(row.number) };
  }

  async keepCheckpoint(
    tx: Statements,
    { study, run, size, root, index }: StoredCheckpoint,
  ): Promise<void> {
    const row = { study, run, size, root, number: index };
    await tx.run(this.#store.db.insertInto('audit_checkpoint').values(row));
  }

  /** Those of a study, by size. */
  async checkpoints(study: Digest, on: Statements = this.#store): Promise<StoredCheckpoint[]> {
    return (
      await on.all(
        this.#store.db
          .selectFrom('audit_checkpoint')
          .selectAll()
          .where('study', '=', study)
          .orderBy('size'),
      )
    ).map((row) => ({
      study,
      run: row.run,
      size: Number(row.size),
      root: row.root,
      index: Number(row.number),
    }));
  }
}
