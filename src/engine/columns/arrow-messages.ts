/**
 * The messages of an Arrow IPC stream as they arrive, one at a time ("Encapsulated message format" of
 * the Arrow columnar format), each checked before apache-arrow sees it: it believes every size.
 *
 * Memory is one message. Compressed bodies are refused: what they expand to has no limit here.
 * @module
 */
import { Message, MessageHeader } from 'apache-arrow';
import { concat } from '../../base/bytes.ts';
import { check, Refusal } from '../../base/errors.ts';
import { checkMetadata, MESSAGE } from '../duckdb/arrow-metadata.ts';

const PREFIX = 8;
const MARKER = 0xffffffff;
const MOST_METADATA_BYTES = 2 ** 16;
const MOST_BODY_BYTES = 2 ** 26;
export const END_OF_STREAM: Uint8Array = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0);

export type ArrowMessage = {
  readonly kind: 'schema' | 'batch';
  /** Prefix, metadata and body. */
  readonly bytes: Uint8Array;
};

const intact = (condition: boolean, detail: string): void =>
  check(condition, 'MALFORMED_MESSAGE', `Arrow: ${detail}`);

/** Gives exactly as many bytes as are asked for, from chunks of any size. */
class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #parts: Uint8Array[] = [];
  #length = 0;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** Undefined where the stream ends before the first byte; a refusal where it ends inside. */
  async take(length: number): Promise<Uint8Array | undefined> {
    while (this.#length < length) {
      const next = await this.#chunks.next();
      if (next.done === true) {
        if (this.#length === 0) return undefined;
        throw new Refusal('MALFORMED_MESSAGE', 'Arrow: truncated stream');
      }
      this.#parts.push(next.value);
      this.#length += next.value.length;
    }
    // One chunk that holds several messages is not copied for each of them.
    const [only] = this.#parts;
    const all = this.#parts.length === 1 && only !== undefined ? only : concat(...this.#parts);
    this.#parts = [all.subarray(length)];
    this.#length -= length;
    return all.slice(0, length);
  }
}

type Head = { readonly kind: ArrowMessage['kind']; readonly body: number };

/** What a message is, and how long its body, from metadata that was checked. */
function headOf(metadata: Uint8Array): Head {
  try {
    checkMetadata(metadata, MESSAGE, 'stream');
    const message = Message.decode(metadata);
    const { headerType, bodyLength } = message;
    intact(
      Number.isSafeInteger(bodyLength) && bodyLength >= 0 && bodyLength <= MOST_BODY_BYTES,
      'body length',
    );
    if (headerType === MessageHeader.Schema) return { kind: 'schema', body: bodyLength };
    intact(headerType === MessageHeader.RecordBatch, 'another message');
    const header = message.header() as { readonly compression?: unknown };
    intact((header.compression ?? null) === null, 'compressed body');
    return { kind: 'batch', body: bodyLength };
  } catch (cause) {
    if (cause instanceof Refusal && cause.code === 'MALFORMED_MESSAGE') throw cause;
    throw new Refusal('MALFORMED_MESSAGE', 'Arrow: damaged metadata', undefined, { cause });
  }
}

/** Every message up to the end-of-stream marker, behind which nothing may come. */
export async function* arrowMessages(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<ArrowMessage> {
  const reader = new ByteReader(chunks);
  for (;;) {
    const prefix = await reader.take(PREFIX);
    check(prefix !== undefined, 'MALFORMED_MESSAGE', 'Arrow: no end of stream');
    const view = new DataView(prefix.buffer, prefix.byteOffset, PREFIX);
    intact(view.getUint32(0, true) === MARKER, 'no message here');
    const length = view.getInt32(4, true);
    if (length === 0) break;
    intact(length > 0 && length <= MOST_METADATA_BYTES, 'metadata length');
    const metadata = await reader.take(length);
    check(metadata !== undefined, 'MALFORMED_MESSAGE', 'Arrow: truncated stream');
    const { kind, body } = headOf(metadata);
    const content = body === 0 ? new Uint8Array() : await reader.take(body);
    check(content !== undefined, 'MALFORMED_MESSAGE', 'Arrow: truncated stream');
    yield { kind, bytes: concat(prefix, metadata, content) };
  }
  check((await reader.take(1)) === undefined, 'MALFORMED_MESSAGE', 'Arrow: bytes behind the end');
}
