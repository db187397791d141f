/** A file that was not there before. @module */
import { writeFile } from 'node:fs/promises';
import { Refusal } from '../base/errors.ts';

type Lines = Iterable<string> | AsyncIterable<string>;

/** Refuses with FILE_EXISTS or FILE_NOT_FOUND; a refusal of `content` itself comes through. */
export async function writeNew(
  path: string,
  content: string | Uint8Array | Lines,
  mode = 0o666,
): Promise<void> {
  await writeFile(path, content, { flag: 'wx', mode }).catch((cause: unknown) => {
    if (cause instanceof Refusal) throw cause;
    const exists = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST';
    throw new Refusal(exists ? 'FILE_EXISTS' : 'FILE_NOT_FOUND', path, undefined, { cause });
  });
}
