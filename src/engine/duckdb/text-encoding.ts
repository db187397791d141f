/**
 * Text files in the encodings that hospital systems export, decoded strictly.
 *
 * An encoding is known or it is asked for, never guessed: a byte order mark decides; without one
 * a file is UTF-8 or refused, because no test tells Latin-1, windows-1252 and Shift_JIS apart for
 * sure and a wrong one would turn one name into another. A sequence that the encoding does not
 * have is refused with its line and never becomes a replacement character. So is a zero byte, and
 * a C1 control character in Latin-1 or windows-1252: no table holds one, while each is a letter or
 * a quotation mark of the encoding that was not named.
 *
 * Shift_JIS is what the WHATWG Encoding Standard calls so (windows-31J, with the NEC and IBM
 * extensions). Memory is bounded by one chunk of the file.
 * @module
 */
import { createReadStream } from 'node:fs';
import { check, Refusal } from '../../base/errors.ts';

/** What a person may name. */
export const ENCODINGS = [
  'auto',
  'utf-8',
  'utf-16',
  'latin-1',
  'windows-1252',
  'shift_jis',
] as const;
export type EncodingName = (typeof ENCODINGS)[number];

/** What a file is in. */
export type TextEncoding =
  | 'utf-8'
  | 'utf-16le'
  | 'utf-16be'
  | 'latin-1'
  | 'windows-1252'
  | 'shift_jis';

const CHUNK = 1 << 20;
const ADVICE = 'name its encoding: utf-16, latin-1, windows-1252 or shift_jis';

const MARKS: readonly (readonly [TextEncoding, readonly number[]])[] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];

/** The encoding of a file that begins with `start`, as asked for. Refuses a contradiction. */
export function encodingOf(start: Uint8Array, asked: EncodingName, name: string): TextEncoding {
  const mark = MARKS.find(([, bytes]) => bytes.every((byte, i) => start[i] === byte))?.[0];
  const marked = mark?.startsWith('utf-16') === true ? 'utf-16' : mark;
  if (asked === 'auto') return mark ?? 'utf-8';
  check(
    marked === undefined || marked === asked,
    'COHORT_UNREADABLE',
    `${name}: not ${asked}: it has the byte order mark of ${marked ?? ''}`,
  );
  if (asked !== 'utf-16') return asked;
  check(mark !== undefined, 'COHORT_UNREADABLE', `${name}: utf-16 without a byte order mark`);
  return mark;
}

type Decode = (bytes: Uint8Array, last: boolean) => string;

/** Text that no table holds: zero bytes, and in one-byte encodings the C1 controls. */
const foreign = (encoding: TextEncoding): RegExp =>
  encoding === 'latin-1' || encoding === 'windows-1252' ? /[\u0000\u0080-\u009f]/ : /\u0000/;

/** Throws a TypeError on a sequence that the encoding does not have. */
function decoderOf(encoding: TextEncoding): Decode {
  // Called latin1 or iso-8859-1 a TextDecoder is one of windows-1252.
  if (encoding === 'latin-1') return (bytes) => Buffer.from(bytes).toString('latin1');
  const decoder = new TextDecoder(encoding, { fatal: true });
  return (bytes, last) => decoder.decode(bytes, { stream: !last });
}

/** Decodes a piece; undefined where it is not text of the encoding. */
function checkedDecoder(encoding: TextEncoding) {
  const decode = decoderOf(encoding);
  const pattern = foreign(encoding);
  return (bytes: Uint8Array, last = false): string | undefined => {
    try {
      const text = decode(bytes, last);
      return pattern.test(text) ? undefined : text;
    } catch {
      return undefined;
    }
  };
}

const NOTHING = new Uint8Array(0);

async function* chunks(file: string, name: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: CHUNK })) {
      check(chunk instanceof Uint8Array, 'INTERNAL', 'stream of text');
      yield chunk;
    }
  } catch (cause) {
    if (cause instanceof Refusal) throw cause;
    throw new Refusal('FILE_NOT_FOUND', name, undefined, { cause });
  }
}

const linesOf = (text: string): number => text.split('\n').length - 1;

/**
 * The line, from 1, of the first piece that is not text of `encoding`: a second pass over a file
 * that was refused, cut behind every line feed (in UTF-16 also elsewhere, which does no harm).
 */
async function faultLine(file: string, encoding: TextEncoding, name: string): Promise<number> {
  const decode = checkedDecoder(encoding);
  const width = encoding === 'utf-16le' ? 2 : 1;
  let line = 1;
  for await (const chunk of chunks(file, name)) {
    for (let at = 0; at < chunk.length; ) {
      const feed = chunk.indexOf(0x0a, at);
      const end = feed === -1 ? chunk.length : Math.min(feed + width, chunk.length);
      const text = decode(chunk.subarray(at, end));
      if (text === undefined) return line;
      line += linesOf(text);
      at = end;
    }
  }
  return line;
}

/** The text of a file, piece by piece, without its byte order mark. */
export async function* decodeFile(
  file: string,
  encoding: TextEncoding,
  asked: EncodingName,
  name: string,
): AsyncGenerator<string> {
  const decode = checkedDecoder(encoding);
  const fault = async (): Promise<Refusal> => {
    const line = await faultLine(file, encoding, name);
    const advice = asked === 'auto' && encoding === 'utf-8' ? `; ${ADVICE}` : '';
    return new Refusal('COHORT_UNREADABLE', `${name}: line ${line}: not ${encoding}${advice}`);
  };
  for await (const chunk of chunks(file, name)) {
    const text = decode(chunk);
    if (text === undefined) throw await fault();
    yield text;
  }
  const rest = decode(NOTHING, true);
  if (rest === undefined) throw await fault();
  yield rest;
}
