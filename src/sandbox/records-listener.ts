/**
 * Where other processes of this sandbox ask for records that are in the memory of this one (shared-records.ts), and about
 * uploads whose keys are (shared-uploads.ts): one address, for whoever knows the key (records-door.ts), that answers
 * nothing else.
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Socket } from 'node:net';
import { check, Refusal } from '../base/errors.ts';
import type { Secret } from '../base/secret.ts';
import { EPOCH_HEADER } from '../engine/transport/run-records.ts';
import type { Listen } from './listen.ts';
import { CBOR_SEQUENCE_TYPE, JSON_TYPE } from './media-types.ts';
import { refusalOf, STATUS } from './problem.ts';
import { IDENTITY, LONGEST_WAIT_MS, readPath, TLS_PSK } from './records-door.ts';
import { answerUpload, isOfUploads, type UploadsOfRuns } from './uploads-door.ts';
import { encodeRecords, MAX_RECORD_BYTES, type Records } from './records.ts';

export type RecordsListener = { readonly port: number; close(): Promise<void> };

/** Refuses with CONFIGURATION_INVALID an address that is not to be had. */
export async function listenForRecords(
  records: Records,
  key: Secret,
  { host, port }: Listen,
  uploads: UploadsOfRuns,
): Promise<RecordsListener> {
  const server = createServer(
    {
      ...TLS_PSK,
      pskCallback: (_socket, identity) =>
        identity === IDENTITY ? Buffer.from(key.expose()) : null,
    },
    (request, response) => void answer({ records, uploads }, request, response),
  );
  // Whoever has no key, or speaks something else.
  server.on('tlsClientError', (_error, socket: Socket) => socket.destroy());
  const bound = await new Promise<number>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' ? (address?.port ?? port) : port);
    });
  }).catch((cause: unknown) => {
    const errors = [{ pointer: '/peers/listen', code: 'ADDRESS_NOT_AVAILABLE' }];
    throw new Refusal('CONFIGURATION_INVALID', 'peers', { errors }, { cause });
  });
  return {
    port: bound,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  { records, uploads }: { readonly records: Records; readonly uploads: UploadsOfRuns },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'https://sandbox');
    if (isOfUploads(pathname)) {
      await answerUpload(uploads, request, response, () => bodyOf(request));
      return;
    }
    const asked = readPath(pathname);
    check(asked !== undefined, 'NOT_FOUND', 'path');
    const { run, parties } = asked;
    if (request.method === 'HEAD') {
      const epoch = records.epochOf(run);
      check(epoch !== undefined, 'NOT_FOUND', `records of run ${run}`);
      response.writeHead(200, { [EPOCH_HEADER]: epoch }).end();
      return;
    }
    if (request.method === 'POST') {
      const record = await bodyOf(request);
      const epoch = await records.put(run, parties, whole(searchParams.get('number')), record);
      response.writeHead(202, { [EPOCH_HEADER]: epoch }).end();
      return;
    }
    check(request.method === 'GET', 'METHOD_NOT_ALLOWED', 'records');
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const wait = Math.min(whole(searchParams.get('wait')), LONGEST_WAIT_MS);
    const after = whole(searchParams.get('after'));
    const { epoch, records: found } = await records.take(run, parties, after, wait, gone.signal);
    response
      .writeHead(200, { [EPOCH_HEADER]: epoch, 'content-type': CBOR_SEQUENCE_TYPE })
      .end(encodeRecords(found));
  } catch (error) {
    const { code } = refusalOf(error);
    // What was not read of a body is not waited for.
    if (!request.complete) response.shouldKeepAlive = false;
    response.writeHead(STATUS[code], { 'content-type': JSON_TYPE }).end(JSON.stringify({ code }));
  }
}

async function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    check(length <= MAX_RECORD_BYTES, 'PAYLOAD_TOO_LARGE', `${length} bytes`);
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function whole(text: string | null): number {
  const value = Number(text ?? '0');
  check(Number.isSafeInteger(value) && value >= 0, 'INVALID_PARAMETER', 'a number');
  return value;
}
