/** What a command sees of the world around it; a test brings its own. @module */
import { readFile } from 'node:fs/promises';
import { fromUtf8 } from '../base/bytes.ts';
import { type Json, parseStrict } from '../base/canonical-json.ts';
import { Refusal, systemCode } from '../base/errors.ts';

export type Io = {
  /** Results only: everything a script reads. */
  readonly out: (text: string) => void;
  /** Progress and explanations. */
  readonly err: (text: string) => void;
  /** Draw a progress bar: stderr is a terminal and NO_COLOR is not set. */
  readonly lively: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdin: () => Promise<Uint8Array>;
  /** Resolves when standard input closes; does not keep the process alive. */
  readonly inputClosed: () => Promise<string>;
  /** Resolves with the name of the signal that asks this process to stop. */
  readonly interrupted: () => Promise<string>;
};

const notFound = (path: string, cause: unknown): Refusal => {
  const why = systemCode(cause, 'unreadable');
  return new Refusal('FILE_NOT_FOUND', `${path}: ${why}`, undefined, { cause });
};

/** The bytes of a file, `-` for standard input. */
export const readInput = async (io: Io, path: string): Promise<Uint8Array> =>
  path === '-'
    ? io.stdin()
    : new Uint8Array(
        await readFile(path).catch((cause: unknown) => {
          throw notFound(path, cause);
        }),
      );

/** Where `parseStrict` stopped, as an editor counts: ` at line 2, column 7`. */
function placeOf(text: string, cause: unknown): string {
  const at = cause instanceof Refusal ? /character (\d+)$/.exec(cause.detail)?.[1] : undefined;
  if (at === undefined) return '';
  const before = text.slice(0, Number(at)).split('\n');
  return ` at line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`;
}

/** A JSON document of a person; what is no JSON is refused with `code` and where it stops being it. */
export async function readJson(
  io: Io,
  path: string,
  code: 'INVALID_STUDY' | 'INVALID_QUERY' | 'INVALID_GRANT' | 'IMAGE_REJECTED',
): Promise<Json> {
  const bytes = await readInput(io, path);
  const refuse = (why: string, cause: unknown): Refusal =>
    new Refusal<typeof code>(
      code,
      `${path} is not ${why}`,
      { errors: [{ pointer: '', code: 'NOT_JSON' }] },
      { cause },
    );
  let text: string;
  try {
    // Windows editors begin a file with a byte order mark; it is no part of the document.
    text = fromUtf8(bytes).replace(/^\ufeff/, '');
  } catch (cause) {
    throw refuse('text in UTF-8', cause);
  }
  try {
    return parseStrict(text);
  } catch (cause) {
    throw refuse(`JSON${placeOf(text, cause)}`, cause);
  }
}
