/**
 * A holder's side of an upload (flows/sandboxed-run.ts): tables sealed into the holder's own `tmp` first, then handed
 * over. Rows are read under the deadline of the query; what the sandbox does afterwards has its own time, so that a slow
 * line is never mistaken for a fault of the data, nor the other way round.
 * @module
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fromBase64Url } from '../../base/bytes.ts';
import { Refusal } from '../../base/errors.ts';
import { openNumbered, sealNumbered } from '../../base/numbered.ts';
import type { Rng } from '../../base/rng.ts';
import { seal } from '../../base/seal.ts';
import { Secret } from '../../base/secret.ts';
import { type UploadSize, uploadSize } from '../../cohort/upload-size.ts';
import type {
  Answered,
  ImageCall,
  ImageTables,
  SandboxPlace,
  Upload,
} from '../../flows/image-ports.ts';
import { checkOpening, type Opening, uploadContext } from '../../flows/sandboxed-run.ts';
import { clampAnswers } from '../../image/abi.ts';
import { answersKey, rowsKey } from './upload-keys.ts';
import { AnswerTable, writeUpload, type Written } from './upload-stream.ts';

export type SandboxedUploadOptions = {
  readonly holder: string;
  /** Declared at this holder. */
  readonly people: number;
  readonly place: SandboxPlace;
  readonly tmp: string;
  readonly rng: Rng;
  /** Where it was opened before the price was reserved. */
  readonly opened?: Opening | undefined;
};

const KEY_BYTES = 32;

async function* noTables(): AsyncGenerator<never, undefined> {
  return undefined;
}

/** Opens an upload at the sandbox; refuses with SIGNATURE_REJECTED what the operator of the study did not sign. */
export async function openUpload(
  { plan, run, block, content }: ImageCall,
  { holder, people, place }: Pick<SandboxedUploadOptions, 'holder' | 'people' | 'place'>,
  signal: AbortSignal,
): Promise<Opening> {
  const { study } = plan;
  const { bytes } = uploadSize(content, plan, people);
  const expected = { study, run: run ?? '', holder, block, image: content.image, bytes };
  const signed = await place.open(expected.run, block, signal);
  return checkOpening(signed, content.operator ?? '', expected);
}

export class SandboxedUpload implements Upload {
  readonly #call: ImageCall;
  readonly #options: SandboxedUploadOptions;
  readonly #size: UploadSize;
  readonly #drawn: Secret;
  readonly #directory: string;
  #written: Written | undefined;

  constructor(call: ImageCall, options: SandboxedUploadOptions) {
    this.#call = call;
    this.#options = options;
    this.#size = uploadSize(call.content, call.plan, options.people);
    this.#drawn = new Secret('key of an upload', options.rng(KEY_BYTES));
    this.#directory = path.join(options.tmp, randomUUID());
  }

  async fill(tables: ImageTables, signal: AbortSignal): Promise<void> {
    const until: ImageTables = {
      next: async () => {
        signal.throwIfAborted();
        return tables.next();
      },
    };
    const { fault } = await this.#spool(until);
    if (fault !== undefined) throw fault;
  }

  async #spool(tables: ImageTables): Promise<Written> {
    const written: Written = { places: [] };
    this.#written = written;
    await mkdir(this.#directory, { mode: 0o700 });
    using key = rowsKey(this.#drawn);
    let number = 0;
    for await (const chunk of writeUpload(
      tables,
      this.#call.content.columns,
      this.#size,
      written,
    )) {
      const sealed = sealNumbered(key, number, chunk);
      await writeFile(this.#chunk(number), sealed, { mode: 0o600, flag: 'wx' });
      number += 1;
    }
    return written;
  }

  #chunk(number: number): string {
    return path.join(this.#directory, String(number));
  }

  async run(answer: Answered, ended: AbortSignal): Promise<void> {
    const { places } = this.#written ?? (await this.#spool(noTables()));
    const late = AbortSignal.timeout(this.#call.plan.deadlineSeconds * 1000);
    const signal = AbortSignal.any([ended, late]);
    const answers = await this.#handOver(signal).catch((cause: unknown) => {
      ended.throwIfAborted();
      throw new Refusal('PLACE_UNAVAILABLE', 'upload', undefined, { cause });
    });
    const { fields } = this.#call.content;
    const table = new AnswerTable(fields.length, answers);
    // Whatever the operator sends stays within what the stewards signed.
    places.forEach((place, i) => answer(place, clampAnswers(table.get(i), fields)));
    answers.fill(0);
  }

  /** The answers, all of them, padded. */
  async #handOver(signal: AbortSignal): Promise<Uint8Array> {
    const { place, opened } = this.#options;
    const opening = opened ?? (await openUpload(this.#call, this.#options, signal));
    for (let number = 0; number < this.#size.chunks; number += 1) {
      const sealed = new Uint8Array(await readFile(this.#chunk(number)));
      await place.store(opening, number, sealed, signal);
    }
    const context = uploadContext(opening);
    const key = await seal(fromBase64Url(opening.publicKey), context, this.#drawn.expose());
    await place.execute(opening, key, signal);
    using own = answersKey(this.#drawn);
    const answers = new Uint8Array(this.#size.answerBytes);
    let at = 0;
    for (let number = 0; number < this.#size.answerChunks; number += 1) {
      const part = openNumbered(own, number, await place.answers(opening, number, signal));
      if (at + part.length > answers.length) break;
      answers.set(part, at);
      at += part.length;
    }
    if (at !== answers.length) throw new Refusal('MALFORMED_MESSAGE', `${at} bytes of answers`);
    return answers;
  }

  async close(): Promise<void> {
    this.#drawn[Symbol.dispose]();
    await rm(this.#directory, { recursive: true, force: true });
  }
}
