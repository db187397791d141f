/**
 * A program over the rows of an upload at the sandbox: chunks opened one after the other, tables wiped when they were
 * answered, answers sealed for the holder. In the clear are a table for each process and the answers, in memory.
 * @module
 */
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { openNumbered, sealNumbered } from '../../base/numbered.ts';
import type { Secret } from '../../base/secret.ts';
import type { ImageContent } from '../../cohort/plan.ts';
import { CHUNK_BYTES, type UploadSize } from '../../cohort/upload-size.ts';
import type { Program } from './image-process.ts';
import { runImage } from './image-runs.ts';
import { answersKey, rowsKey } from './upload-keys.ts';
import { AnswerTable, readUpload } from './upload-stream.ts';

export type UploadRun = {
  readonly content: ImageContent;
  readonly size: UploadSize;
  readonly program: Program;
  /** The key that the holder drew for the upload. */
  readonly drawn: Secret;
  /** Directory of the sealed chunks. */
  readonly rows: string;
  readonly signal: AbortSignal;
};

/** Each is a process with the memory of the image, and a core. */
const MOST_PROCESSES = 8;

async function* openChunks({ rows, size }: UploadRun, key: Secret): AsyncGenerator<Uint8Array> {
  for (let number = 0; number < size.chunks; number += 1) {
    const sealed = new Uint8Array(await readFile(path.join(rows, String(number))));
    yield openNumbered(key, number, sealed);
  }
}

/** Refuses with MALFORMED_MESSAGE or PAYLOAD_TOO_LARGE what is no upload of this size and these columns. */
export async function sealedAnswers(run: UploadRun): Promise<readonly Uint8Array[]> {
  const { content, size, program, drawn, signal } = run;
  const { fields, columns } = content;
  using rows = rowsKey(drawn);
  const answers = new AnswerTable(fields.length, new Uint8Array(size.answerBytes));
  const tables = readUpload(openChunks(run, rows), columns, size);
  const processes = Math.min(MOST_PROCESSES, availableParallelism());
  try {
    await runImage(tables, (table, own) => answers.set(table, own), {
      program,
      fields,
      processes,
      signal,
    });
    using key = answersKey(drawn);
    return Array.from({ length: size.answerChunks }, (_, number) => {
      const from = number * CHUNK_BYTES;
      return sealNumbered(key, number, answers.bytes.subarray(from, from + CHUNK_BYTES));
    });
  } finally {
    answers.bytes.fill(0);
  }
}
