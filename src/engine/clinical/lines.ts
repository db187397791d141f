/**
 * The lines of a text file, one at a time and none longer than a limit: a line that never ends is
 * refused when the limit is passed, not when memory is.
 * @module
 */
import { open } from 'node:fs/promises';
import { check, Refusal } from '../../base/errors.ts';
import { decodeFile, type EncodingName, encodingOf } from '../duckdb/text-encoding.ts';

/** UTF-16 units. The largest resources and compositions in use are a few megabytes. */
const LONGEST = 1 << 26;

async function startOf(file: string, name: string): Promise<Uint8Array> {
  const handle = await open(file, 'r').catch((cause: unknown) => {
    throw new Refusal('FILE_NOT_FOUND', name, undefined, { cause });
  });
  try {
    const { bytesRead, buffer } = await handle.read(new Uint8Array(4), 0, 4, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** The text of a file, piece by piece. Refuses what is not in the encoding. */
export async function* textOf(
  file: string,
  name: string,
  asked: EncodingName,
): AsyncGenerator<string, void, undefined> {
  yield* decodeFile(file, encodingOf(await startOf(file, name), asked, name), asked, name);
}

/** Each line without its end; refuses with COHORT_UNREADABLE one of more than `longest`. */
export async function* linesOf(
  pieces: AsyncIterable<string>,
  name: string,
  longest = LONGEST,
): AsyncGenerator<string, void, undefined> {
  let number = 1;
  let parts: string[] = [];
  let length = 0;
  const add = (part: string): void => {
    length += part.length;
    check(length <= longest, 'COHORT_UNREADABLE', `${name}: line ${number} is too long`);
    if (part.length > 0) parts.push(part);
  };
  for await (const piece of pieces) {
    const [first = '', ...rest] = piece.split('\n');
    add(first);
    for (const part of rest) {
      yield parts.join('');
      number += 1;
      [parts, length] = [[], 0];
      add(part);
    }
  }
  if (length > 0) yield parts.join('');
}
