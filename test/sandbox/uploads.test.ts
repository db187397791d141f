/** Uploads over the routes of the sandbox, with the holder's own code on the other side and real walls. */
import {
  deepStrictEqual,
  match,
  notStrictEqual,
  ok,
  rejects,
  strictEqual,
} from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, test } from 'vitest';
import { verifyErasure } from '../../src/audit/erasure.ts';
import { systemRng } from '../../src/base/rng.ts';
import { generateSealKeyPair, open, seal } from '../../src/base/seal.ts';
import { fromBase64Url } from '../../src/base/bytes.ts';
import { uploadSize } from '../../src/cohort/upload-size.ts';
import type { SandboxPlace } from '../../src/flows/image-ports.ts';
import { checkOpening, uploadContext } from '../../src/flows/sandboxed-run.ts';
import type { Study } from '../../src/flows/study-terms.ts';
import { filesBelow } from '../support/canary.ts';
import { signedImage, type SignedImage } from '../support/image.ts';
import { FIRST_VALUE, listed, tableOf } from '../support/image-lab.ts';
import { refusal } from '../support/refusal.ts';
import {
  callOf,
  imageQuery,
  pushTo,
  sandboxClause,
  uploadOf,
  wireOf,
} from '../support/sandboxed-lab.ts';
import { answering, RESERVE, wasm } from '../support/wasm-text.ts';
import { codeOf, sharedLab } from './sandbox-lab.ts';

const lab = sharedLab();
/** Answers with the first value of the block. */
const FIRST = wasm({ functions: [RESERVE, [[], answering(...FIRST_VALUE)]] });
const image: SignedImage = signedImage(FIRST, {}, [...lab.keys.steward.values()]);
const query = imageQuery(image);
const never = new AbortController().signal;
/** Nobody else has this number. */
const SERIAL = 0x5d20c47f3a91n;
let study: Study;
let run: string;

beforeAll(async () => {
  study = await lab.study({ images: [sandboxClause(image, lab.operator.publicText)] });
  await pushTo(lab, study, image);
  run = await lab.run(study, query);
});

const TABLES = [tableOf(3n), tableOf(SERIAL, 1n), tableOf(9n)];
const call = () => callOf(lab, study, query, run);

async function answersThrough(place: SandboxPlace, holder = 'lu', tables = TABLES) {
  const upload = uploadOf(call(), holder, place);
  const answers: bigint[][] = [];
  try {
    await upload.fill(listed(tables), never);
    await upload.run((index, own) => (answers[index] = [...own]), never);
  } finally {
    await upload.close();
  }
  return answers;
}

/** Files of the sandbox's data directory that hold the serial as a program would read it. */
function holding(): string[] {
  const needle = Buffer.alloc(8);
  needle.writeBigInt64LE(SERIAL);
  return filesBelow(path.join(lab.root, 'sandbox')).filter((file) =>
    readFileSync(file).includes(needle),
  );
}

/** A place that keeps what goes through it. */
function watched(place: SandboxPlace) {
  const seen = { chunks: [] as Uint8Array[], upload: '', files: 0, leaks: [] as string[] };
  const watching: SandboxPlace = {
    open: (...all) => place.open(...all),
    async store(upload, number, sealed, signal) {
      await place.store(upload, number, sealed, signal);
      seen.chunks.push(sealed);
      seen.upload = upload.upload;
      seen.files = filesBelow(path.join(lab.root, 'sandbox', 'uploads')).length;
      seen.leaks = holding();
    },
    execute: (...all) => place.execute(...all),
    answers: (...all) => place.answers(...all),
  };
  return { seen, watching };
}

describe('an upload', () => {
  test('is run, answered within the bounds, sealed while it is there, and gone afterwards', async () => {
    const { seen, watching } = watched(wireOf(lab, 'lu'));
    deepStrictEqual(await answersThrough(watching), [[3n], [100n], [9n]]);
    strictEqual(seen.chunks.length, 1);
    strictEqual(seen.files, 1);
    deepStrictEqual(seen.leaks, []);
    deepStrictEqual(filesBelow(path.join(lab.root, 'sandbox', 'uploads')), []);
    deepStrictEqual(holding(), []);
    ok(!lab.log.some((line) => line.includes(String(SERIAL))));
  });

  test('control: the same bytes in the clear would be found', async () => {
    const { writeFileSync, rmSync } = await import('node:fs');
    const file = path.join(lab.root, 'sandbox', 'tmp', 'clear');
    writeFileSync(file, TABLES[1] ?? '');
    deepStrictEqual(holding(), [file]);
    rmSync(file);
  });

  test('has the size of the declaration, whatever is in it', async () => {
    const { bytes } = uploadSize(call().content, call().plan, 1000);
    const sizes = [];
    for (const tables of [[], [tableOf(1n)], [tableOf(...Array.from({ length: 900 }, () => 5n))]]) {
      const { seen, watching } = watched(wireOf(lab, 'lu'));
      await answersThrough(watching, 'lu', tables);
      sizes.push(seen.chunks.reduce((sum, { length }) => sum + length - 16, 0));
    }
    deepStrictEqual(sizes, [bytes, bytes, bytes]);
  });

  test('a fault of the data is handed over like any other, and said to the holder', async () => {
    const { seen, watching } = watched(wireOf(lab, 'lu'));
    const upload = uploadOf(call(), 'lu', watching);
    const broken = (async function* () {
      yield { index: 0, table: tableOf(3n) };
      throw new Error('a row that cannot be read');
    })();
    await rejects(upload.fill(broken, never), /cannot be read/);
    await upload.run(() => undefined, never);
    await upload.close();
    strictEqual(seen.chunks.length, 1);
  });

  test('of other columns than declared, or more rows, is refused before anything is sealed', async () => {
    const place = watched(wireOf(lab, 'lu'));
    const { writeTable } = await import('../../src/image/abi.ts');
    const piece = (n: number) => ({ from: 0, to: n, isValid: () => true });
    const wide = writeTable(
      ['int64', 'int64'],
      [
        [{ values: new BigInt64Array(1), ...piece(1) }],
        [{ values: new BigInt64Array(1), ...piece(1) }],
      ],
      1,
      [0],
    );
    const other = writeTable(['float64'], [[{ values: new Float64Array(1), ...piece(1) }]], 1, [0]);
    const many = tableOf(...Array.from({ length: 1001 }, () => 1n));
    for (const [table, code] of [
      [wide, 'MALFORMED_MESSAGE'],
      [other, 'MALFORMED_MESSAGE'],
      [many, 'PAYLOAD_TOO_LARGE'],
    ] as const) {
      const upload = uploadOf(call(), 'lu', place.watching);
      await rejects(upload.fill(listed([table]), never), refusal(code));
      await upload.close();
    }
    deepStrictEqual(place.seen.chunks, []);
  });
});

describe('nothing opens anywhere else', () => {
  test('an opening that the operator of the study did not sign for this run', async () => {
    const wire = wireOf(lab, 'lu');
    const signed = await wire.open(run, 0, never);
    const { plan, content } = call();
    const { bytes } = uploadSize(content, plan, 1000);
    const expected = { study: study.id, run, holder: 'lu', block: 0, image: image.digest, bytes };
    const operator = lab.operator.publicText;
    strictEqual(checkOpening(signed, operator, expected).bytes, bytes);
    const rejected = refusal('SIGNATURE_REJECTED');
    const refused = (change: object, key = operator, one = signed) =>
      rejects(async () => checkOpening(one, key, { ...expected, ...change }), rejected);
    await refused({ run: 'f'.repeat(64) });
    await refused({ study: 'f'.repeat(64) });
    await refused({ holder: 'jp' });
    await refused({ block: 1 });
    await refused({ bytes: bytes + 1 });
    await refused({}, lab.keys.analyst.publicText);
    const { publicKey } = await generateSealKeyPair();
    const forged = {
      ...signed,
      opening: { ...signed.opening, publicKey: Buffer.from(publicKey).toString('base64url') },
    };
    await refused({}, operator, forged);
  });

  test('chunks of an earlier upload do not open under the key of the next', async () => {
    const first = watched(wireOf(lab, 'lu'));
    await answersThrough(first.watching);
    const wire = wireOf(lab, 'lu');
    const replaying: SandboxPlace = {
      open: (...all) => wire.open(...all),
      store: (upload, number, _, signal) =>
        wire.store(upload, number, first.seen.chunks[number] ?? new Uint8Array(0), signal),
      execute: (...all) => wire.execute(...all),
      answers: (...all) => wire.answers(...all),
    };
    await rejects(answersThrough(replaying), refusal('PLACE_UNAVAILABLE'));
  });

  test('a key that is sealed to another upload, or in another context', async () => {
    const wire = wireOf(lab, 'lu');
    const { opening } = await wire.open(run, 0, never);
    const pair = await generateSealKeyPair();
    const context = uploadContext(opening);
    const sealed = await seal(pair.publicKey, context, systemRng(32));
    // Control: it is a key for whoever has the other half.
    strictEqual((await open(pair.privateKey, context, sealed)).expose().length, 32);
    const chunk = new Uint8Array(opening.bytes + 16);
    await wire.store(opening, 0, chunk, never);
    await rejects(wire.execute(opening, sealed, never), refusal('PLACE_UNAVAILABLE'));
    const again = (await wire.open(run, 0, never)).opening;
    const elsewhere = await seal(fromBase64Url(again.publicKey), context, systemRng(32));
    await wire.store(again, 0, chunk, never);
    await rejects(wire.execute(again, elsewhere, never), refusal('PLACE_UNAVAILABLE'));
  });

  test('answers of another upload are refused by the holder', async () => {
    const wire = wireOf(lab, 'lu');
    let before: Uint8Array | undefined;
    const swapping: SandboxPlace = {
      open: (...all) => wire.open(...all),
      store: (...all) => wire.store(...all),
      execute: (...all) => wire.execute(...all),
      async answers(...all) {
        const own = await wire.answers(...all);
        const given = before ?? own;
        before = own;
        return given;
      },
    };
    deepStrictEqual((await answersThrough(swapping))[0], [3n]);
    await rejects(answersThrough(swapping), refusal('PLACE_UNAVAILABLE'));
  });

  test('another holder has no access, and chunks have their size and place', async () => {
    const [lu, jp] = [wireOf(lab, 'lu'), wireOf(lab, 'jp')];
    const { opening } = await lu.open(run, 0, never);
    const chunk = new Uint8Array(opening.bytes + 16);
    await rejects(jp.store(opening, 0, chunk, never), refusal('NOT_FOUND'));
    await rejects(jp.execute(opening, chunk, never), refusal('NOT_FOUND'));
    await rejects(jp.answers(opening, 0, never), refusal('NOT_FOUND'));
    await rejects(lu.store(opening, 1, chunk, never), refusal('MALFORMED_MESSAGE'));
    await rejects(lu.store(opening, 0, chunk.subarray(1), never), refusal('MALFORMED_MESSAGE'));
    await rejects(lu.execute(opening, chunk, never), refusal('PROTOCOL_STATE'));
    await rejects(lu.answers(opening, 0, never), refusal('PROTOCOL_STATE'));
    await rejects(lu.open(run, 7, never), refusal('NOT_FOUND'));
  });
});

test('a program that holders run is not opened here, and no chunk comes behind the program', async () => {
  const { sandbox: _, ...clause } = sandboxClause(image, lab.operator.publicText);
  const held = await lab.study({ images: [{ ...clause, place: 'holder' }] });
  await pushTo(lab, held, image);
  const wire = wireOf(lab, 'lu');
  const other = await lab.run(held, query);
  await rejects(wire.open(other, 0, never), refusal('PLACE_UNAVAILABLE'));
  let last: () => Promise<void> = () => Promise.resolve();
  const late: SandboxPlace = {
    open: (...all) => wire.open(...all),
    store: (...all) => (last = () => wire.store(...all))(),
    async execute(...all) {
      await wire.execute(...all);
      await rejects(last(), refusal('PROTOCOL_STATE'));
    },
    answers: (...all) => wire.answers(...all),
  };
  deepStrictEqual((await answersThrough(late))[0], [3n]);
});

test('a study that names another operator is not taken in', async () => {
  const images = [sandboxClause(image, lab.keys.analyst.publicText)];
  await rejects(lab.study({ images }), /IDENTITY_NOT_PINNED/);
});

test('a holder has so much in a study at once, by what the study declares', async () => {
  const size = 60_000_000;
  const cohort = { declaredSize: { lu: size, jp: size } };
  const images = [sandboxClause(image, lab.operator.publicText)];
  const large = await lab.study({ images, cohort });
  await pushTo(lab, large, image);
  const wire = wireOf(lab, 'lu');
  const asked = ['1/200', '1/300', '1/400'].map((rho) => imageQuery(image, rho));
  const runs: string[] = [];
  for (const one of asked) runs.push(await lab.run(large, one));
  for (const one of runs.slice(0, 2)) await wire.open(one, 0, never);
  await rejects(wire.open(runs[2] ?? '', 0, never), refusal('TOO_MANY_REQUESTS'));
  // The same again takes the place of what was there.
  await wire.open(runs[0] ?? '', 0, never);
  const over = { ...cohort, declaredSize: { lu: 200_000_000, jp: 1 } };
  const beyond = await lab.study({ images, cohort: over });
  await rejects(lab.query(beyond, query), refusal('PAYLOAD_TOO_LARGE'));
});

type Listed = {
  uploads: { run: string; holder: string; state: string }[];
  statements: Parameters<typeof verifyErasure>[0][];
};

const listAs = async (key = lab.keys.analyst) =>
  (await lab.call(key, 'GET', `/v1/studies/${study.id}/uploads`)).json<Listed>();

describe('the end of an upload', () => {
  test('before its run has ended nobody but its holder sees it, and nothing is stated', async () => {
    const { uploads, statements } = await listAs();
    deepStrictEqual([uploads, statements], [[], []]);
    const own = await listAs(lab.identity('lu'));
    ok(own.uploads.length > 0 && own.uploads.every(({ holder }) => holder === 'lu'));
  });

  test('a restart destroys what waits, for its key was in memory', async () => {
    const wire = wireOf(lab, 'lu');
    const { opening } = await wire.open(run, 0, never);
    await wire.store(opening, 0, new Uint8Array(opening.bytes + 16), never);
    await lab.restart();
    await rejects(wireOf(lab, 'lu').answers(opening, 0, never), refusal('NOT_FOUND'));
    deepStrictEqual(filesBelow(path.join(lab.root, 'sandbox', 'uploads')), []);
    // And the holder goes on with another.
    deepStrictEqual(await answersThrough(wireOf(lab, 'lu')), [[3n], [100n], [9n]]);
  });

  test('its time is over: the key is destroyed, and the holder is told that it is gone', async () => {
    const wire = wireOf(lab, 'lu');
    const { opening } = await wire.open(run, 0, never);
    const before = lab.now;
    lab.now = new Date(new Date(opening.expires).getTime() + 1);
    await lab.restart();
    lab.now = before;
    await rejects(wire.store(opening, 0, new Uint8Array(1), never), refusal('NOT_FOUND'));
  });

  test('after its run the operator signs, once, and the log has it', async () => {
    await lab.endRun(run);
    await rejects(wireOf(lab, 'lu').open(run, 0, never), refusal('PROTOCOL_STATE'));
    await lab.restart();
    let statements: Listed['statements'] = [];
    for (let i = 0; i < 100 && statements.length === 0; i += 1) {
      statements = (await listAs()).statements;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const [signed] = statements;
    ok(signed !== undefined && statements.length === 1);
    const { of, keys, sandbox } = verifyErasure(signed, lab.operator.publicText);
    deepStrictEqual([of, keys], [{ kind: 'sandboxed-run', id: run }, ['upload/lu/0']]);
    ok((sandbox?.ciphertexts ?? 0) >= 5);
    const { uploads } = await listAs();
    ok(uploads.length > 0 && uploads.every(({ state }) => state === 'destroyed'));
    await lab.restart();
    deepStrictEqual((await listAs()).statements, [signed]);
    const log = await lab.call(
      lab.keys.analyst,
      'GET',
      `/v1/studies/${study.id}/log/entries?from=0`,
    );
    strictEqual(log.body.split('"type":"erasure"').length, 2);
    match(log.body, /"statements":\[\{"digest":"[0-9a-f]{64}","holder":"sandbox"\}\]/);
    notStrictEqual(
      codeOf(
        await lab.call(lab.keys.analyst, 'POST', `/v1/runs/${run}/uploads`, { json: { block: 0 } }),
      ),
      '',
    );
  });
});
