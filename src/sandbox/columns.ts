/**
 * Encrypted columns at the sandbox: takes them in, sums them blind, forgets them. It holds no key: what
 * it stores is random to it, and what it computes goes to the holder that asked.
 *
 * Who may do what with a table is its holder's to say alone. What is taken in is bounded by the size that
 * the study declares and by the columns of the public list, whatever a holder sends.
 * @module
 */
import { canonicalJson, type Json } from '../base/canonical-json.ts';
import { asRefusal, check } from '../base/errors.ts';
import { type Digest, DIGEST_PATTERN } from '../base/hash.ts';
import type { PublicKeyText } from '../base/sign.ts';
import type { Plan } from '../cohort/plan.ts';
import type { SandboxColumnTables, SandboxTable } from '../engine/stores/sandbox-columns.ts';
import { blindSums, jobPrefix, requestPrefix } from '../flows/columns/blind-sums.ts';
import { layoutOf } from '../flows/columns/layout.ts';
import { checkManifest, type Erased, type SignedManifest } from '../flows/columns/manifest.ts';
import { servedPlan } from '../flows/columns/serve.ts';
import type { ErasableBlobs, Jobs } from '../flows/ports.ts';
import { type Study, termsOf } from '../flows/study-terms.ts';
import { blobBytes } from '../he/seal/blob.ts';
import { blocksFor } from '../he/seal/parameters.ts';
import { physicalColumns } from '../he/seal/schema.ts';

export type ColumnsOptions = {
  readonly tables: SandboxColumnTables;
  readonly blobs: ErasableBlobs;
  readonly jobs: Jobs;
};

export type OpenRequest = {
  readonly table: Digest;
  readonly blocks: number;
  readonly list: Json;
  readonly relinearisation: Uint8Array;
};

/** The answer of a sum that is not there yet: ask again. */
const PENDING = 'pending';
const WAIT_MS = 20_000;

export class Columns {
  readonly #options: ColumnsOptions;
  /** Sums under way, by table: erasing waits for them. */
  readonly #running = new Map<Digest, Set<Promise<unknown>>>();

  constructor(options: ColumnsOptions) {
    this.#options = options;
  }

  /** Refuses with PAYLOAD_TOO_LARGE a table larger than the study says. */
  async open(study: Study, holder: string, request: OpenRequest): Promise<void> {
    const { table, blocks, list, relinearisation } = request;
    check(DIGEST_PATTERN.test(table), 'INVALID_PARAMETER', 'name of a table');
    const most = blocksFor(study.cohort.declaredSize[holder] ?? 0);
    const sized = Number.isSafeInteger(blocks) && blocks >= 1 && blocks <= most;
    check(sized, 'PAYLOAD_TOO_LARGE', `${blocks} blocks, ${most} declared`);
    layoutOf(termsOf(study), list);
    const length = blobBytes('relinearisation');
    check(relinearisation.length === length, 'MALFORMED_MESSAGE', 'relinearisation key length');
    const { tables, blobs } = this.#options;
    const stored = await blobs.put(relinearisation);
    const row = { table, study: study.id, holder, blocks, list };
    await tables.open({ ...row, relinearisation: stored });
  }

  /** Takes an Arrow stream of batches; what is here already is passed over. */
  async store(study: Study, holder: string, id: Digest, bytes: Uint8Array): Promise<number> {
    const { tables, blobs } = this.#options;
    const table = await this.#own(study, holder, id);
    check(table.manifest === undefined, 'PROTOCOL_STATE', 'the upload is complete');
    const columns = new Set(this.#columns(study, table));
    const whole = async function* (): AsyncGenerator<Uint8Array> {
      yield bytes;
    };
    const { decodeColumnStream } = await import('../engine/columns/column-stream.ts');
    let taken = 0;
    const arrived = await tables.batches(id);
    for await (const { batch, digest } of decodeColumnStream(whole(), id, arrived)) {
      const places = batch.blocks.map(({ block, column }) => `${block} ${column}`);
      check(new Set(places).size === places.length, 'MALFORMED_MESSAGE', 'a place twice');
      const fits = batch.blocks.every(
        ({ block, column }) => block < table.blocks && columns.has(column),
      );
      check(fits, 'MALFORMED_MESSAGE', 'ciphertext that is not of this table');
      const kept = await Promise.all(
        batch.blocks.map(async ({ blob, ...place }) => ({ ...place, blob: await blobs.put(blob) })),
      );
      try {
        await tables.keepBatch(id, batch.number, digest, kept);
      } catch (error) {
        // Erased while the batch came in: nothing of it stays.
        if (asRefusal(error).code === 'NOT_FOUND') {
          for (const { blob } of kept) await blobs.delete(blob);
        }
        throw error;
      }
      taken += 1;
    }
    return taken;
  }

  /** Refuses with PROTOCOL_STATE while a ciphertext is missing. Idempotent. */
  async complete(
    study: Study,
    holder: string,
    signed: SignedManifest,
    identity: PublicKeyText,
  ): Promise<void> {
    const { tables } = this.#options;
    const table = await this.#own(study, holder, signed.manifest.table);
    const expected = this.#columns(study, table).length * table.blocks;
    const stored = (await tables.ciphertexts(table.table)).length;
    check(stored === expected, 'PROTOCOL_STATE', `${stored} of ${expected} ciphertexts`);
    checkManifest(signed, identity, {
      study: study.id,
      holder,
      table: table.table,
      blocks: table.blocks,
      list: table.list,
      relinearisation: table.relinearisation,
      batches: [...(await tables.batches(table.table)).values()],
    });
    await tables.complete(table.table, canonicalJson(signed));
  }

  /** Results one after the other; undefined where they take longer: ask again. */
  async sums(
    study: Study,
    holder: string,
    id: Digest,
    products: readonly (readonly string[])[],
  ): Promise<Uint8Array | undefined> {
    // Tracked before the table is looked up: erasing waits for what may have found it.
    const computed = this.#sum(study, holder, id, products);
    this.#track(id, computed);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<typeof PENDING>((resolve) => {
      timer = setTimeout(() => resolve(PENDING), WAIT_MS);
    });
    const first = await Promise.race([computed, late]).finally(() => clearTimeout(timer));
    if (first === PENDING) return undefined;
    await this.#forgetResults(requestPrefix(id, products));
    return first;
  }

  async #sum(
    study: Study,
    holder: string,
    id: Digest,
    products: readonly (readonly string[])[],
  ): Promise<Uint8Array> {
    const { tables, ...ports } = this.#options;
    const table = await this.#own(study, holder, id);
    check(table.manifest !== undefined, 'PROTOCOL_STATE', 'the upload is not complete');
    const used = [...new Set(products.flat())];
    const stored = await tables.ciphertexts(id, used);
    const places = new Map(stored.map(({ block, column, blob }) => [`${block} ${column}`, blob]));
    const ciphertext = (block: number, column: string) => places.get(`${block} ${column}`);
    const sums = await blindSums({ ...table, ciphertext }, products, ports);
    try {
      await this.#own(study, holder, id);
    } catch (error) {
      // Erased meanwhile, at another process, which could not wait for this one: nothing of it stays.
      await this.#forgetResults(jobPrefix(id));
      throw error;
    }
    return sums;
  }

  /** What members of a study may see of its encrypted columns. */
  async list(study: Study) {
    return (await this.#options.tables.tables(study.id)).map((table) => {
      const columns = this.#columns(study, table).length;
      const { manifest, erased, holder, blocks, list } = table;
      const state = erased !== undefined ? 'erased' : manifest === undefined ? 'open' : 'ready';
      const bytes = erased === undefined ? blocks * columns * blobBytes('column') : 0;
      return { table: table.table, holder, blocks, columns, bytes, state, list };
    });
  }

  /** Deletes every blob of a table, results included. Idempotent: the same answer again. */
  async erase(study: Study, holder: string, id: Digest): Promise<Erased> {
    const { tables, blobs } = this.#options;
    const table = (await tables.tables(study.id)).find(
      (one) => one.table === id && one.holder === holder,
    );
    check(table !== undefined, 'NOT_FOUND', `columns ${id}`);
    const erased = await tables.erase(id, blobBytes('column'));
    // Nothing can be added to these any more.
    const stored = await tables.ciphertexts(id);
    await Promise.allSettled([...(this.#running.get(id) ?? [])]);
    await this.#forgetResults(jobPrefix(id));
    for (const { blob } of stored) await blobs.delete(blob);
    await blobs.delete(table.relinearisation);
    await tables.forget(id);
    return erased;
  }

  /** What was delivered is not kept: asked again, it is computed again, with the same bytes. */
  async #forgetResults(prefix: string): Promise<void> {
    const { tables, blobs } = this.#options;
    for (const result of await tables.results(prefix)) await blobs.delete(result);
    await tables.forgetResults(prefix);
  }

  /** Refuses with DEPTH a plan that a holder's encrypted columns do not give (flows/columns/serve.ts). */
  async checkServed(study: Study, plan: Plan): Promise<void> {
    for (const { manifest, erased, list, blocks } of await this.#options.tables.tables(study.id)) {
      if (manifest === undefined || erased !== undefined) continue;
      servedPlan(layoutOf(termsOf(study), list), plan, blocks);
    }
  }

  async #own(study: Study, holder: string, id: Digest): Promise<SandboxTable> {
    const table = (await this.#options.tables.tables(study.id)).find(
      (one) => one.table === id && one.holder === holder && one.erased === undefined,
    );
    check(table !== undefined, 'NOT_FOUND', `columns ${id}`);
    return table;
  }

  #columns(study: Study, { list }: SandboxTable): string[] {
    return physicalColumns(layoutOf(termsOf(study), list).schema).map(({ id }) => id);
  }

  #track(table: Digest, work: Promise<unknown>): void {
    const running = this.#running.get(table) ?? new Set();
    this.#running.set(table, running.add(work));
    const done = (): void => {
      running.delete(work);
      if (running.size === 0 && this.#running.get(table) === running) this.#running.delete(table);
    };
    work.then(done, done);
  }
}
