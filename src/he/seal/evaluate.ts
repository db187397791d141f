/**
 * The blind computation: the sandbox adds up products of encrypted columns.
 *
 *     per block and cell    acc += a · b          products are added as they are, of three polynomials
 *     at the end            relinearise once, switch to a smaller modulus
 *
 * One relinearisation a cell instead of one a block: for a million rows 8 ms instead of 1 s. Blocks
 * may be shared out between workers; each gives partial results, which `combine` adds up.
 *
 * What a sandbox that deviates can do: compute any function of depth one (or add plaintexts) of the
 * ciphertexts under this key, or return anything at all. It cannot read any of it: only the holder
 * decrypts, and checks (open-result.ts). What the returned ciphertext shows beyond the sums, its noise
 * and the sums of single slots, concerns the holder's own rows and goes to the holder alone, so
 * there is nothing to flood.
 * @module
 */
import { check } from '../../base/errors.ts';
import type { BlobCodec } from './blob.ts';
import { type SealCiphertext, Scope, type SealSession } from './library.ts';
import { resultNoise } from './noise.ts';

/** What the sandbox needs to know of a plan (plan.ts). */
export type BlindPlan = {
  readonly blocks: number;
  /** Ids of the physical columns that the cells need. */
  readonly columns: readonly string[];
  /** One factor or two. */
  readonly cells: readonly { readonly factors: readonly { readonly id: string }[] }[];
};

/** Sums over some blocks of a plan. Add each block once, then `finish`; then it is spent. */
export class Evaluation implements Disposable {
  readonly #session: SealSession;
  readonly #codec: BlobCodec;
  readonly #plan: BlindPlan;
  readonly #scope = new Scope();
  readonly #loaded: ReadonlyMap<string, SealCiphertext>;
  readonly #product: SealCiphertext;
  #sums: SealCiphertext[] = [];
  readonly #seen = new Set<number>();
  #finished = false;

  constructor(session: SealSession, codec: BlobCodec, plan: BlindPlan) {
    for (const { factors } of plan.cells) resultNoise(factors.length, plan.blocks);
    this.#session = session;
    this.#codec = codec;
    this.#plan = plan;
    const fresh = (): SealCiphertext => this.#scope.own(session.seal.CipherText());
    this.#loaded = new Map(plan.columns.map((id) => [id, fresh()]));
    this.#product = fresh();
  }

  /** `columns` gives the payload of each physical column of the plan in this block. */
  add(block: number, columns: ReadonlyMap<string, Uint8Array>): void {
    check(!this.#finished, 'PROTOCOL_STATE', 'evaluation is finished');
    const known = Number.isInteger(block) && block >= 0 && block < this.#plan.blocks;
    check(known, 'INVALID_PARAMETER', `block ${block}`);
    check(!this.#seen.has(block), 'PROTOCOL_STATE', `block ${block} twice`);
    const missing = this.#plan.columns.filter((id) => !columns.has(id));
    check(missing.length === 0, 'INVALID_PARAMETER', `${missing.length} columns missing`);
    const sealed = this.#plan.columns.map((id) =>
      this.#codec.toSeal('column', columns.get(id) ?? new Uint8Array()),
    );
    // Should SEAL throw half-way, this evaluation is spent: some sums would have the block and some not.
    this.#finished = true;
    this.#plan.columns.forEach((id, i) => {
      this.#at(id).loadArray(this.#session.context, sealed[i] ?? new Uint8Array());
    });
    this.#seen.add(block);
    this.#plan.cells.forEach((cell, i) => {
      this.#accumulate(cell, i);
    });
    this.#finished = false;
  }

  #at(id: string | undefined): SealCiphertext {
    const ciphertext = id === undefined ? undefined : this.#loaded.get(id);
    check(ciphertext !== undefined, 'INTERNAL', 'column of the plan');
    return ciphertext;
  }

  #accumulate({ factors }: BlindPlan['cells'][number], index: number): void {
    const { evaluator } = this.#session;
    const [a, b] = factors;
    let term = this.#at(a?.id);
    if (b !== undefined) {
      evaluator.multiply(term, this.#at(b.id), this.#product);
      term = this.#product;
    }
    const sum = this.#sums[index];
    if (sum === undefined) this.#sums[index] = this.#scope.own(term.clone());
    else evaluator.add(sum, term, sum);
  }

  /** A payload of kind `partial` for each cell of the plan. */
  finish(relinearisation: Uint8Array): Uint8Array[] {
    check(!this.#finished && this.#seen.size > 0, 'PROTOCOL_STATE', 'nothing to finish');
    this.#finished = true;
    using scope = new Scope();
    const { seal, context, evaluator } = this.#session;
    const key = scope.own(seal.RelinKeys());
    key.loadArray(context, this.#codec.toSeal('relinearisation', relinearisation));
    return this.#sums.map((sum, i) => {
      if (this.#plan.cells[i]?.factors.length === 2) evaluator.relinearize(sum, key, sum);
      return this.#codec.fromSeal('partial', this.#session.saved(sum));
    });
  }

  [Symbol.dispose](): void {
    this.#finished = true;
    this.#sums = [];
    this.#scope[Symbol.dispose]();
  }
}

/** Partial results of one cell, whose blocks are disjoint and all there, into its result payload. */
export function combine(
  session: SealSession,
  codec: BlobCodec,
  partials: readonly Uint8Array[],
): Uint8Array {
  check(partials.length > 0, 'INVALID_PARAMETER', 'no partial results');
  using scope = new Scope();
  const { seal, context, evaluator } = session;
  const load = (payload: Uint8Array): SealCiphertext => {
    const ciphertext = scope.own(seal.CipherText());
    ciphertext.loadArray(context, codec.toSeal('partial', payload));
    return ciphertext;
  };
  const sum = load(partials[0] ?? new Uint8Array());
  for (const partial of partials.slice(1)) evaluator.add(sum, load(partial), sum);
  const small = scope.own(seal.CipherText());
  evaluator.cipherModSwitchToNext(sum, small);
  return codec.fromSeal('result', session.saved(small));
}
