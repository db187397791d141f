/**
 * How processes of one sandbox speak to each other about uploads (shared-uploads.ts), on the line of records-door.ts:
 *
 *     POST /uploads/RUN/HOLDER?block=N              ─▶ 200, the signed opening
 *     POST /uploads/RUN/HOLDER/UPLOAD/chunks/N      a sealed chunk  ─▶ 200
 *     POST /uploads/RUN/HOLDER/UPLOAD/execution     the sealed key  ─▶ 200, or 202 while it runs
 *     GET  /uploads/RUN/HOLDER/UPLOAD/answers/N     ─▶ 200, sealed
 *
 * The process that was asked by HOLDER has checked who that is.
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { fromUtf8 } from '../base/bytes.ts';
import { canonicalJson, parseStrict } from '../base/canonical-json.ts';
import { check } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import { NAME } from '../base/name.ts';
import type { RecordPlace } from '../engine/stores/sandbox-record-places.ts';
import type { SignedOpening } from '../flows/sandboxed-run.ts';
import type { PeerLine } from './peer-line.ts';

/** What a holder may ask about uploads of a run, of this process or of the one that has them. */
export interface UploadsOfRuns {
  /** Refuses with PLACE_UNAVAILABLE what does not run in this sandbox. */
  open(run: Digest, holder: string, block: number): Promise<SignedOpening>;
  /** Keeps a chunk as it is; the same again changes nothing. */
  store(
    run: Digest,
    holder: string,
    upload: Digest,
    number: number,
    sealed: Uint8Array,
  ): Promise<void>;
  /** Whether the answers are there; it takes the first key and runs once. */
  execute(run: Digest, holder: string, upload: Digest, key: Uint8Array): Promise<boolean>;
  answers(run: Digest, holder: string, upload: Digest, number: number): Promise<Uint8Array>;
}

/** The image is fetched, verified and put behind walls. */
const OPEN_MS = 60_000;
const PATH = new RegExp(
  `^/uploads/([0-9a-f]{64})/(${NAME})(?:/([0-9a-f]{64})/(chunks|answers|execution)(?:/([0-9]{1,7}))?)?$`,
);

export const isOfUploads = (path: string): boolean => path.startsWith('/uploads/');

/** Answers what another process passes on; refuses with NOT_FOUND what is not of this door. */
export async function answerUpload(
  uploads: UploadsOfRuns,
  { method, url }: IncomingMessage,
  response: ServerResponse,
  body: () => Promise<Uint8Array>,
): Promise<void> {
  const { pathname, searchParams } = new URL(url ?? '/', 'https://sandbox');
  const [, run, holder, upload, part, number] = PATH.exec(pathname) ?? [];
  check(run !== undefined && holder !== undefined, 'NOT_FOUND', 'path');
  const at = Number(number ?? '0');
  if (upload === undefined) {
    check(method === 'POST', 'METHOD_NOT_ALLOWED', 'uploads');
    const block = Number(searchParams.get('block'));
    check(Number.isSafeInteger(block) && block >= 0, 'INVALID_PARAMETER', 'block');
    const opening = canonicalJson(await uploads.open(run, holder, block));
    response.writeHead(200).end(opening);
  } else if (part === 'answers') {
    check(method === 'GET', 'METHOD_NOT_ALLOWED', 'uploads');
    const sealed = await uploads.answers(run, holder, upload, at);
    response.writeHead(200).end(sealed);
  } else {
    check(method === 'POST', 'METHOD_NOT_ALLOWED', 'uploads');
    const given = await body();
    if (part === 'chunks') await uploads.store(run, holder, upload, at, given);
    const over = part === 'chunks' || (await uploads.execute(run, holder, upload, given));
    response.writeHead(over ? 200 : 202).end();
  }
}

/** The uploads that are at `place`. */
export function uploadsAt(place: RecordPlace, line: PeerLine): UploadsOfRuns {
  const path = (run: Digest, holder: string, more = ''): string =>
    `/uploads/${run}/${holder}${more}`;
  const bytes = async (answer: IncomingMessage) => new Uint8Array(await buffer(answer));
  return {
    async open(run, holder, block) {
      const ask = { method: 'POST', path: path(run, holder, `?block=${block}`) } as const;
      const said = await bytes(await line.ask(place, ask, OPEN_MS));
      return parseStrict(fromUtf8(said)) as unknown as SignedOpening;
    },
    async store(run, holder, upload, number, body) {
      const at = path(run, holder, `/${upload}/chunks/${number}`);
      (await line.ask(place, { method: 'POST', path: at, body })).resume();
    },
    async execute(run, holder, upload, body) {
      const at = path(run, holder, `/${upload}/execution`);
      const answer = await line.ask(place, { method: 'POST', path: at, body });
      answer.resume();
      return answer.statusCode === 200;
    },
    async answers(run, holder, upload, number) {
      const at = path(run, holder, `/${upload}/answers/${number}`);
      return bytes(await line.ask(place, { method: 'GET', path: at }));
    },
  };
}
