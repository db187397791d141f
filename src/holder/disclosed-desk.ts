/**
 * What linked runs told this holder about its own people, by agreement: for its own staff, and for runs of images at
 * this holder, which know people by the ids of the study only.
 *
 * Answers have the keys by which both holders know a person, no identifier: there is none in the data directory. Whoever
 * has the cohort's files names them (cli/commands/cohort-linked.ts).
 * @module
 */
import { toHex } from '../base/bytes.ts';
import { check } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import type { Vault } from '../base/vault.ts';
import type { StoredLedger } from '../engine/stores/ledger-store.ts';
import type { StoredSteps } from '../engine/stores/steps-store.ts';
import {
  decodeDisclosed,
  DISCLOSED_STEP,
  type DisclosedPeople,
  disclosedLabel,
  ID_BYTES,
  KEY_BYTES,
} from '../flows/linked/disclosed.ts';

export type DisclosedOptions = {
  readonly ledger: StoredLedger;
  readonly steps: StoredSteps;
  readonly vault: Vault;
};

export type DisclosedRun = {
  readonly run: Digest;
  /** As it was booked. */
  readonly output: string;
  /** Whether this holder was told anything: not where the count was below the minimum, or the run was lost. */
  readonly told: boolean;
};

const pieces = (bytes: Uint8Array, size: number): string[] =>
  Array.from({ length: bytes.length / size }, (_, i) =>
    toHex(bytes.subarray(i * size, (i + 1) * size)),
  );

export class DisclosedDesk {
  readonly #options: DisclosedOptions;

  constructor(options: DisclosedOptions) {
    this.#options = options;
  }

  /** Every run of the study that was booked as a disclosure, in the order of the ledger. */
  async runs(study: Digest): Promise<DisclosedRun[]> {
    const { ledger, steps } = this.#options;
    const booked = [...(await ledger.state()).runs].flatMap(
      ([run, { study: of, discloses: output }]) =>
        of === study && output !== undefined ? [{ run, output }] : [],
    );
    return Promise.all(
      booked.map(async (one) => ({
        ...one,
        told: (await steps.stored(one.run, DISCLOSED_STEP)) !== undefined,
      })),
    );
  }

  /** What one of them told, the last that told anything where none is named. Refuses with NOT_FOUND. */
  async people(
    study: Digest,
    run?: Digest,
  ): Promise<{ readonly run: Digest; readonly people: DisclosedPeople }> {
    const { steps, vault } = this.#options;
    const all = await this.runs(study);
    const told = all.filter((one) => one.told && (run ?? one.run) === one.run);
    const found = told.at(-1)?.run;
    const locked = found === undefined ? undefined : await steps.stored(found, DISCLOSED_STEP);
    check(found !== undefined && locked !== undefined, 'NOT_FOUND', 'nothing was disclosed');
    using opened = vault.unlock(disclosedLabel(found), locked);
    return { run: found, people: decodeDisclosed(opened.expose().slice()) };
  }

  /** The same for staff, by key in hexadecimal: a number that both holders give to the person, or the id. */
  async answer(study: Digest, run?: Digest): Promise<Record<string, unknown>> {
    const { run: of, people } = await this.people(study, run);
    const { output, count, keys, ids } = people;
    const names = output === 'ids' ? pieces(ids, ID_BYTES) : undefined;
    return {
      study,
      run: of,
      output,
      ...(count !== undefined && { count }),
      people: pieces(keys, KEY_BYTES).map((key, i) => [key, names?.[i] ?? String(i + 1)]),
    };
  }

  /**
   * The id of each person of this holder in `study`, by key: of the last run that gave ids. What a run of an image at
   * this holder may show in the place of an identifier; undefined where the study has none.
   */
  async studyIds(study: Digest): Promise<ReadonlyMap<string, string> | undefined> {
    const last = (await this.runs(study)).findLast(({ output, told }) => told && output === 'ids');
    if (last === undefined) return undefined;
    const { keys, ids } = (await this.people(study, last.run)).people;
    const names = pieces(ids, ID_BYTES);
    return new Map(pieces(keys, KEY_BYTES).map((key, i) => [key, names[i] ?? '']));
  }

  /** With the rows of the study goes what was told about them. */
  async forget(study: Digest): Promise<void> {
    for (const { run } of await this.runs(study)) {
      await this.#options.steps.forget(run, [DISCLOSED_STEP]);
    }
  }
}
