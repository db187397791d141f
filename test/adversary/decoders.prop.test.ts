/**
 * Every decoder of what comes from others, on valid input that was damaged: it takes it or refuses with
 * a code that it documents, in bounded time and memory, and leaves nothing behind.
 *
 * FUZZ_SEED repeats a run; FUZZ_SECONDS, for each decoder, makes it longer. Memory is held twice: what one
 * input makes a decoder take, and what is left of all of them once garbage is collected; garbage by itself
 * says nothing. Controls: a decoder that reads beyond its bytes, one that reserves what a length says, and
 * one that keeps what it read, are found.
 */
import { deepStrictEqual, match, ok, rejects } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { readAnnouncement } from '../../src/audit/announcement.ts';
import { cosign, readNote, writeNote } from '../../src/audit/checkpoint.ts';
import { readEntry } from '../../src/audit/entry.ts';
import { readErasure, signErasure } from '../../src/audit/erasure.ts';
import { readExcerpt } from '../../src/audit/excerpt.ts';
import { readConsistency } from '../../src/audit/one-log.ts';
import { readReceipt } from '../../src/audit/receipt.ts';
import { concat, fromUtf8, utf8 } from '../../src/base/bytes.ts';
import { canonicalBytes, type Json, parseStrict } from '../../src/base/canonical-json.ts';
import { decodeCbor, encodeCbor } from '../../src/base/codec.ts';
import { type ErrorCode, Refusal } from '../../src/base/errors.ts';
import { systemRng } from '../../src/base/rng.ts';
import { generateSealKeyPair, open, seal } from '../../src/base/seal.ts';
import { Secret } from '../../src/base/secret.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { Vault } from '../../src/base/vault.ts';
import { parseQuery } from '../../src/cohort/query.ts';
import { decodeColumnStream, encodeColumnStream } from '../../src/engine/columns/column-stream.ts';
import { decodeLz4Frame } from '../../src/engine/duckdb/lz4-frame.ts';
import { decodeFrame, encodeFrame, signFrame } from '../../src/flows/frame.ts';
import { readRunRequest } from '../../src/flows/pooled/compile-run.ts';
import { decodeContribution, encodeContribution } from '../../src/flows/pooled/contribution.ts';
import { decodeRefusal, encodeRefusal } from '../../src/flows/pooled/refusal.ts';
import { encodeReservation, readReservation } from '../../src/flows/pooled/reservation.ts';
import { decodeShare, encodeShare } from '../../src/flows/pooled/share.ts';
import {
  readDraft,
  readPartlySigned,
  readSignedStudy,
  termsOf,
} from '../../src/flows/study-terms.ts';
import { readResidues } from '../../src/flows/linked/wire.ts';
import { blobBytes } from '../../src/he/seal/blob.ts';
import { parsePublicKey } from '../../src/he/rlwe/public-key.ts';
import { parseClkSchema } from '../../src/linkage/bloom/schema.ts';
import { parseLinkage } from '../../src/linkage/spec.ts';
import { decodeFilter, encodeFilter } from '../../src/psi/oprf/filter.ts';
import { damaged, damagedJson } from '../support/damage.ts';
import { LINKAGE } from '../support/linkage-spec.ts';
import { compiledRun, signedQuery, signedStudy, studyDraft, studyKeys } from '../support/study.ts';

const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
const LIMIT_MS = 1000 * Number(process.env['FUZZ_SECONDS'] ?? '0.15');
const SLOWEST_MS = 2000;
/** Bytes that one input may make a decoder take, and bytes that may stay of all. */
const MOST_TAKEN = 48 * 2 ** 20;
const MOST_KEPT = 24 * 2 ** 20;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function memoryInUse(): number {
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  return arrayBuffers + heapUsed;
}

/**
 * Memory in use without garbage, which is enough below `enough` bytes: buffers are given back some time behind
 * the collection, by another thread.
 */
async function memoryKept(enough: number): Promise<number> {
  let least = Infinity;
  for (let round = 0; round < 5 && least > enough; round += 1) {
    collectGarbage();
    await setTimeout(5);
    least = Math.min(least, memoryInUse());
  }
  return least;
}

/** Memory in use behind the decoder before: what the next one leaves is told from it. */
let settled = await memoryKept(0);

type Decoder = {
  readonly name: string;
  readonly valid: Uint8Array;
  readonly decode: (bytes: Uint8Array) => unknown;
  readonly codes: readonly ErrorCode[];
  readonly json?: boolean;
};

const keys = studyKeys(['lu', 'jp']);
const draft = studyDraft(keys);
const signed = signedStudy(draft, keys);
const study = readSignedStudy(signed);
const run = compiledRun(study, keys, { groupBy: ['holder', 'sex'], rho: '1/100' });
const identity = keys.identity.get('lu')!;
const [hash, salt] = ['ab'.repeat(32), 'cd'.repeat(16)];
const head = { sequence: 3, hash };
const at = '2026-01-02T03:04Z';
const frame = signFrame(
  {
    study: study.id,
    run: run.run,
    from: 'lu',
    to: '*',
    sequence: 1,
    kind: 'share',
    body: utf8('x'),
  },
  identity,
);
const checkpoint = { study: study.id, size: 4, root: hash };
const pair = await generateSealKeyPair();
const context = utf8('context');
const vault = new Vault(identity, systemRng);
const ciphertext = new Uint8Array(600).fill(7);

const json = (
  name: string,
  value: unknown,
  read: (json: Json) => unknown,
  ...codes: ErrorCode[]
): Decoder => ({
  name,
  valid: canonicalBytes(value),
  decode: (bytes) => read(parseStrict(fromUtf8(bytes))),
  codes: ['MALFORMED_MESSAGE', ...codes],
  json: true,
});
const bytes = (
  name: string,
  valid: Uint8Array,
  decode: Decoder['decode'],
  ...codes: ErrorCode[]
): Decoder => ({
  name,
  valid,
  decode,
  codes: ['MALFORMED_MESSAGE', ...codes],
});
const query = {
  format: 'kakehashi/query/1',
  where: { all: [{ column: 'age', ge: 40 }, { not: { column: 'sex', in: ['M'] } }] },
  groupBy: ['holder', { column: 'age', bins: [0, 40, 60, 111] }],
  measures: [
    { name: 'people', count: true },
    { name: 'a', mean: 'age' },
  ],
  rho: '1/200',
};
const entry = {
  type: 'reservation',
  at,
  run: hash,
  holder: 'lu',
  plan: hash,
  rho: '1/2',
  charged: true,
  head,
  frame: hash,
};
const erasure = signErasure(
  {
    study: study.id,
    holder: 'lu',
    of: { kind: 'run', id: hash },
    keys: ['run-key'],
    sandbox: null,
    at: new Date(),
  },
  identity,
);
const note = writeNote({ checkpoint, cosignatures: [cosign(checkpoint, 'lu', identity)] });
const proof = { entry, salt, index: 3, path: [hash], checkpoint: note };
const receipt = {
  format: 'kakehashi/receipt/1',
  study: hash,
  run: hash,
  plan: hash,
  released: hash,
  holders: [] as unknown[],
  log: proof,
};
const filter = {
  suite: 'ristretto255-SHA512',
  publicKey: new Uint8Array(32).fill(9),
  count: 3,
  width: 4,
  prefixes: Uint8Array.from({ length: 12 }, (_, i) => i),
};
const streamed: Uint8Array[] = [];
const batch = {
  table: hash,
  number: 0,
  salt: new Uint8Array(32),
  blocks: [{ block: 0, column: 'age', blob: new Uint8Array(blobBytes('column')) }],
};
for await (const part of encodeColumnStream([batch])) streamed.push(part);
const lz4 = JSON.parse(
  readFileSync(new URL('../engine/duckdb/vectors/lz4-frames.json', import.meta.url), 'utf8'),
) as {
  frames: Record<string, string>;
};

async function* once(all: Uint8Array): AsyncGenerator<Uint8Array> {
  yield all;
}
const drained = async (all: Uint8Array): Promise<number> => {
  let batches = 0;
  for await (const _ of decodeColumnStream(once(all), hash)) batches += 1;
  return batches;
};

const DECODERS: readonly Decoder[] = [
  bytes('CBOR', encodeCbor([1, 'a', new Uint8Array(9), { k: [true, null] }]), decodeCbor),
  bytes('frame', encodeFrame(frame), decodeFrame, 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_VERSION'),
  bytes('contribution', encodeContribution(run, head, ciphertext), (b) =>
    decodeContribution(b, run, head),
  ),
  bytes(
    'share',
    encodeShare(run, hash, ciphertext),
    (b) => decodeShare(b, run, hash),
    'SUM_REJECTED',
  ),
  bytes('residues', new Uint8Array(64), readResidues),
  bytes(
    'public key',
    encodeCbor({ format: 'x', parameters: 'y', key: hash, holders: 2, packed: ciphertext }),
    (b) => parsePublicKey(run.plan.parameters[0]! as never, b),
  ),
  bytes('filter', encodeFilter(filter), decodeFilter, 'UNSUPPORTED_VERSION'),
  bytes('sealed', await seal(pair.publicKey, context, utf8('secret')), (b) =>
    open(pair.privateKey, context, b),
  ),
  bytes(
    'locked',
    vault.lock('x', utf8('secret')),
    (b) => vault.unlock('x', b),
    'DATA_DIRECTORY_DAMAGED',
  ),
  bytes('LZ4 frame', new Uint8Array(Buffer.from(Object.values(lz4.frames)[0]!, 'base64')), (b) =>
    decodeLz4Frame(b, 1 << 20),
  ),
  bytes('column stream', concat(...streamed), drained, 'SEQUENCE_CONFLICT'),
  bytes(
    'private key',
    utf8(keys.analyst.toPem()),
    (b) => SigningKey.fromPem(fromUtf8(b)),
    'KEY_FILE_INVALID',
  ),
  bytes(
    'encrypted private key',
    utf8(keys.analyst.toPem(new Secret('p', utf8('pass')))),
    (b) => SigningKey.fromPem(fromUtf8(b), new Secret('p', utf8('pass'))),
    'KEY_FILE_INVALID',
  ),
  bytes('checkpoint', utf8(note), (b) => readNote(fromUtf8(b))),
  json(
    'reservation',
    JSON.parse(
      fromUtf8(
        encodeReservation({
          run: run.run,
          plan: run.planDigest,
          rho: '1/100',
          charged: true,
          head,
          account: { spent: { rho: '1/2', delta: '0/1' }, left: { rho: '1/2', delta: '0/1' } },
        }),
      ),
    ),
    (j) => readReservation(canonicalBytes(j)),
  ),
  json('refusal', JSON.parse(fromUtf8(encodeRefusal(new Refusal('RUN_ABORTED', ''), true))), (j) =>
    decodeRefusal(canonicalBytes(j), 'lu'),
  ),
  json(
    'announcement',
    { size: 4, root: hash, from: [{ size: 1, path: [hash] }], entry, salt, index: 3, path: [hash] },
    (j) => readAnnouncement(canonicalBytes(j)),
  ),
  json('log entry', entry, readEntry),
  json(
    'consistency',
    { format: 'kakehashi/consistency/1', study: hash, first: 1, second: 4, path: [hash] },
    readConsistency,
  ),
  json('receipt', receipt, readReceipt),
  json(
    'log excerpt',
    { format: 'kakehashi/log/1', study: signed, entries: [{ entry, salt }], checkpoints: ['x'] },
    readExcerpt,
  ),
  json('erasure', erasure, readErasure),
  json('study draft', draft, readDraft, 'INVALID_STUDY'),
  json('partly signed study', signed, readPartlySigned, 'INVALID_STUDY'),
  json(
    'signed study',
    signed,
    readSignedStudy,
    'INVALID_STUDY',
    'SIGNATURE_REJECTED',
    'STUDY_UNSIGNED',
  ),
  json(
    'query',
    query,
    (j) => parseQuery(j, termsOf(study)),
    'INVALID_QUERY',
    'OPERATION_NOT_ALLOWED',
    'DEPTH',
  ),
  json(
    'run request',
    { query: signedQuery(study, keys, { rho: '1/9' }), attempt: 1, epoch: 1 },
    (j) => readRunRequest(j, study, new Date()),
    'SIGNATURE_REJECTED',
    'QUERY_EXPIRED',
    'INVALID_QUERY',
    'FORBIDDEN',
    'STUDY_UNKNOWN',
    'INVALID_PARAMETER',
  ),
  json('linkage', LINKAGE, parseLinkage, 'INVALID_PARAMETER'),
  json(
    'CLK schema',
    {
      version: 3,
      clkConfig: { l: 1024, kdf: { type: 'HKDF' } },
      features: [{ identifier: 'a', format: { type: 'string' }, hashing: {} }],
    },
    parseClkSchema,
    'INVALID_PARAMETER',
  ),
];

/** Of these the example is not valid in whole: what is around it is damaged all the same. */
const SHAPE_ONLY = new Set(['public key', 'contribution', 'share', 'receipt', 'CLK schema']);

/** Decodes; throws where what comes out is not a refusal of `codes`, took too long or too much memory. */
async function hold({ name, decode, codes }: Decoder, input: Uint8Array): Promise<void> {
  const before = memoryInUse();
  const begun = performance.now();
  try {
    await decode(input);
  } catch (error) {
    ok(error instanceof Refusal, `${name}: ${String(error)}`);
    const { code, message } = error as Refusal;
    ok(codes.includes(code), `${name}: ${code} (${(error as Refusal).detail})`);
    match(message, /^[A-Z][^{}]*\.$/);
  }
  ok(performance.now() - begun < SLOWEST_MS, `${name} took long`);
  const taken = memoryInUse() - before;
  ok(taken < MOST_TAKEN, `${name} took ${taken} bytes`);
}

async function fuzz(decoder: Decoder): Promise<void> {
  if (!SHAPE_ONLY.has(decoder.name)) await decoder.decode(decoder.valid);
  const input = (decoder.json === true ? damagedJson : damaged)(decoder.valid);
  await fc.assert(
    fc.asyncProperty(input, (one) => hold(decoder, one)),
    {
      seed: SEED,
      numRuns: 2000,
      interruptAfterTimeLimit: LIMIT_MS,
      includeErrorInReport: true,
    },
  );
  const left = await memoryKept(settled + MOST_KEPT);
  const kept = left - settled;
  settled = left;
  ok(kept < MOST_KEPT, `${decoder.name} kept ${kept} bytes`);
  deepStrictEqual(Object.keys(Object.prototype), []);
}

describe(`decoders, seed ${SEED}`, () => {
  for (const decoder of DECODERS) test(decoder.name, () => fuzz(decoder));
});

describe('control', () => {
  test('a decoder that reads beyond its bytes is found', () =>
    rejects(
      fuzz(
        bytes('view', new Uint8Array(8), (b) =>
          new DataView(b.buffer, b.byteOffset, b.length).getUint32(0),
        ),
      ),
    ));
  test('one that reserves what a length says is found', () =>
    rejects(
      fuzz(bytes('length', new Uint8Array(8), (b) => new Uint8Array(2 ** 20 * (b[0] ?? 0)))),
      /length took \d+ bytes/,
    ));
  test('one that keeps what it read is found', () => {
    const read: Uint8Array[] = [];
    return rejects(
      fuzz(
        bytes(
          'cache',
          new Uint8Array(8),
          () => read.length < 8 && read.push(new Uint8Array(2 ** 23)),
        ),
      ),
      /cache kept \d+ bytes/,
    );
  });
});
