/**
 * Arrow IPC files and streams, one record batch at a time (Arrow columnar format, "Serialization
 * and Interprocess Communication").
 *
 * Memory is that of the largest record batch, and a batch is as large as its writer made it, so
 * there is a limit, also on what it has after decompression (arrow-codecs.ts). apache-arrow ends
 * quietly where a message is missing; a file that gives fewer batches than it says it has is
 * therefore refused here.
 * @module
 */
import { type FileHandle, open } from 'node:fs/promises';
import {
  type DataType,
  Message,
  MessageHeader,
  type RecordBatch,
  RecordBatchReader,
} from 'apache-arrow';
import { check, Refusal } from '../../base/errors.ts';
import { checkLengths, registerCodecs } from './arrow-codecs.ts';
import { checkMetadata, footerBlocks, MESSAGE } from './arrow-metadata.ts';
import type { FileFormat } from './file-format.ts';

export type ArrowFormat = Extract<FileFormat, 'arrow-file' | 'arrow-stream'>;

const MOST_BATCH_BYTES = 2 ** 29;
const MOST_METADATA_BYTES = 2 ** 24;
const MARKER = 0xffffffff;

/** Closes the file and turns every failure into a refusal; no text of apache-arrow goes further. */
async function reading<T>(file: string, name: string, read: (handle: FileHandle) => Promise<T>) {
  const handle = await open(file, 'r').catch((cause: unknown) => {
    throw new Refusal('FILE_NOT_FOUND', name, undefined, { cause });
  });
  try {
    return await read(handle);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    const compressed = error instanceof Error && error.message.includes('codec not found');
    const reason = compressed
      ? 'compressed by Zstandard: needs Node 22.15, or LZ4 or none instead'
      : 'damaged Arrow data';
    throw new Refusal('COHORT_UNREADABLE', `${name}: ${reason}`);
  } finally {
    await handle.close().catch(() => undefined);
  }
}

const intact = (condition: boolean, name: string): void =>
  check(condition, 'COHORT_UNREADABLE', `${name}: damaged Arrow data`);

type Seen = { readonly header: MessageHeader; readonly end: number };

/** The message at `at` and where the next one is; undefined for the end-of-stream marker. */
async function seeMessage(handle: FileHandle, at: number, name: string): Promise<Seen | undefined> {
  const prefix = Buffer.alloc(8);
  intact((await handle.read(prefix, 0, 8, at)).bytesRead === 8, name);
  intact(prefix.readUInt32LE(0) === MARKER, name);
  const length = prefix.readInt32LE(4);
  if (length === 0) return undefined;
  intact(length > 0 && length <= MOST_METADATA_BYTES, name);
  const metadata = new Uint8Array(length);
  intact((await handle.read(metadata, 0, length, at + 8)).bytesRead === length, name);
  checkMetadata(metadata, MESSAGE, name);
  const message = Message.decode(metadata);
  const { headerType, bodyLength } = message;
  intact(Number.isSafeInteger(bodyLength) && bodyLength >= 0, name);
  check(
    bodyLength <= MOST_BATCH_BYTES,
    'COHORT_UNREADABLE',
    `${name}: a record batch of more than ${MOST_BATCH_BYTES} bytes`,
  );
  const body = at + 8 + length;
  const limit = { most: MOST_BATCH_BYTES, name };
  if (message.isRecordBatch()) await checkLengths(handle, message.header(), body, limit);
  if (message.isDictionaryBatch()) await checkLengths(handle, message.header().data, body, limit);
  return { header: headerType, end: body + bodyLength };
}

/** Counts the record batches of a stream, which must end exactly where the file does. */
async function countStreamed(handle: FileHandle, name: string): Promise<number> {
  const { size } = await handle.stat();
  let batches = 0;
  for (let at = 0; ; ) {
    const message = await seeMessage(handle, at, name);
    if (message === undefined) {
      intact(at + 8 === size, name);
      return batches;
    }
    // A schema comes first and once; nothing else belongs into a stream.
    const { header } = message;
    intact((header === MessageHeader.Schema) === (at === 0), name);
    intact(at === 0 || BATCHES.includes(header), name);
    if (header === MessageHeader.RecordBatch) batches += 1;
    at = message.end;
    intact(at < size, name);
  }
}

const BATCHES: readonly MessageHeader[] = [
  MessageHeader.RecordBatch,
  MessageHeader.DictionaryBatch,
];

/** The footer: its bytes, their number in 4 bytes, `ARROW1`. */
async function readFooter(handle: FileHandle, size: number, name: string): Promise<Uint8Array> {
  const tail = Buffer.alloc(4);
  const end = size - 10;
  intact(end >= 8 && (await handle.read(tail, 0, 4, end)).bytesRead === 4, name);
  const length = tail.readInt32LE(0);
  intact(length > 0 && length <= Math.min(MOST_METADATA_BYTES, end - 8), name);
  const footer = new Uint8Array(length);
  intact((await handle.read(footer, 0, length, end - length)).bytesRead === length, name);
  return footer;
}

/** Counts the record batches of a file; apache-arrow would read a block of another kind for ever. */
async function countBlocks(handle: FileHandle, name: string): Promise<number> {
  const { size } = await handle.stat();
  const { dictionaries, batches } = footerBlocks(await readFooter(handle, size, name), name);
  const blocks = [
    ...dictionaries.map((offset) => [offset, MessageHeader.DictionaryBatch] as const),
    ...batches.map((offset) => [offset, MessageHeader.RecordBatch] as const),
  ];
  for (const [offset, kind] of blocks) {
    intact(Number.isSafeInteger(offset) && offset >= 8, name);
    const message = await seeMessage(handle, offset, name);
    intact(message !== undefined && message.header === kind && message.end < size, name);
  }
  return batches.length;
}

/** Nothing is given to apache-arrow before its counts and kinds were checked. */
async function openReader(handle: FileHandle, format: ArrowFormat, name: string) {
  const isFile = format === 'arrow-file';
  const batches = await (isFile ? countBlocks(handle, name) : countStreamed(handle, name));
  registerCodecs();
  const reader = await RecordBatchReader.from(handle);
  check(reader.isFile() === isFile, 'INTERNAL', 'Arrow format');
  await reader.open();
  return { reader, batches };
}

export type ArrowField = { readonly name: string; readonly type: DataType };

/** The columns of a file. */
export const readArrowFields = (
  file: string,
  format: ArrowFormat,
  name: string,
): Promise<readonly ArrowField[]> =>
  reading(file, name, async (handle) => {
    const { schema } = (await openReader(handle, format, name)).reader;
    return schema.fields.map((field: { name: unknown; type: DataType }) => {
      check(typeof field.name === 'string', 'COHORT_UNREADABLE', `${name}: a column has no name`);
      return { name: field.name, type: field.type };
    });
  });

/** Hands over every record batch in order. */
export const readArrowBatches = (
  file: string,
  format: ArrowFormat,
  name: string,
  use: (batch: RecordBatch) => Promise<void>,
): Promise<void> =>
  reading(file, name, async (handle) => {
    const { reader, batches } = await openReader(handle, format, name);
    let seen = 0;
    for await (const batch of reader) {
      seen += 1;
      await use(batch);
    }
    // An empty batch stands for none at all.
    const complete = seen === batches || (batches === 0 && seen === 1);
    check(complete, 'COHORT_UNREADABLE', `${name}: ${seen} of ${batches} record batches`);
  });
