/** Images over the routes of the sandbox: what is kept of what is pushed, by whom, and what is refused. */
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { beforeAll, describe, test } from 'vitest';
import type { Json } from '../../src/base/canonical-json.ts';
import { SigningKey } from '../../src/base/sign.ts';
import type { Study } from '../../src/flows/study-terms.ts';
import { readArchive, writeArchive } from '../../src/image/archive.ts';
import { readLayout, writeLayout } from '../../src/image/layout.ts';
import { signImage } from '../../src/image/signature.ts';
import { signedImage, type SignedImage } from '../support/image.ts';
import { CONSTANT } from '../support/wasm-text.ts';
import { codeOf, sharedLab } from './sandbox-lab.ts';

const lab = sharedLab();
const image: SignedImage = signedImage(CONSTANT, {}, [...lab.keys.steward.values()]);
const OTHER = 'e'.repeat(64);
let study: Study;
let elsewhere: Study;

const clause = {
  digest: image.digest,
  place: 'holder',
  boundary: 'bubblewrap',
  declaration: image.declaration as unknown as Json,
  signers: image.signers as unknown as Json,
};

beforeAll(async () => {
  study = await lab.study({ images: [clause] });
  elsewhere = await lab.study({ images: [] });
});

const at = (digest = image.digest, of = study.id): string => `/v1/studies/${of}/images/${digest}`;
const push = (
  files: Map<string, Uint8Array>,
  digest?: string,
  of?: string,
  key = lab.keys.analyst,
) =>
  lab.call(key, 'POST', at(digest, of), { body: writeArchive(files), type: 'application/x-tar' });
const unsigned = (...signatures: ReturnType<typeof signImage>[]) =>
  writeLayout(image.declaration, CONSTANT, signatures);
const byAuthor = () => signImage(image.author, image.digest, { role: 'author' });
const byParty = (i: number, of = study.id) =>
  signImage(image.parties[i] ?? image.author, image.digest, { role: 'party', study: of });

type State = { pushed: boolean; signed: boolean; signatures: string[] };

describe('images at the sandbox', () => {
  test('nothing before it is pushed', async () => {
    const missing = await lab.call(lab.identity('lu'), 'GET', at());
    deepStrictEqual([missing.statusCode, codeOf(missing)], [409, 'IMAGE_MISSING']);
    const list = await lab.call(lab.keys.analyst, 'GET', `/v1/studies/${study.id}/images`);
    deepStrictEqual(
      list.json<{ images: State[] }>().images.map(({ pushed }) => pushed),
      [false],
    );
  });

  test('signatures of several pushes add up; those that nobody asked for are dropped', async () => {
    const stranger = SigningKey.generate();
    const extra = signImage(stranger, image.digest, { role: 'party', study: study.id });
    const first = await push(unsigned(byAuthor(), extra, byParty(1, OTHER)));
    strictEqual(first.statusCode, 201, first.body);
    deepStrictEqual(first.json<State>().signatures, [image.author.publicText]);
    for (const i of image.parties.keys()) await push(unsigned(byParty(i)));
    const last = (await push(unsigned())).json<State>();
    deepStrictEqual([last.signed, last.signatures.length], [true, 1 + image.parties.length]);

    const fetched = await lab.call(lab.identity('jp'), 'GET', at());
    strictEqual(fetched.headers['content-type'], 'application/x-tar');
    const read = readLayout(readArchive(new Uint8Array(fetched.rawPayload)));
    deepStrictEqual([read.digest, read.signatures.length], [image.digest, last.signatures.length]);
  });

  test('refused: another image, of another study, another declaration, no archive', async () => {
    const changed = writeLayout({ ...image.declaration, fuel: 7 }, CONSTANT);
    const bad = {
      other: await push(unsigned(), OTHER),
      elsewhere: await push(unsigned(), image.digest, elsewhere.id),
      changed: await push(changed),
      text: await lab.call(lab.keys.analyst, 'POST', at(), {
        body: new TextEncoder().encode('not a tar'),
        type: 'application/x-tar',
      }),
      large: await lab.call(lab.keys.analyst, 'POST', at(), {
        body: new Uint8Array(5 << 20),
        type: 'application/x-tar',
      }),
      type: await lab.call(lab.keys.analyst, 'POST', at(), {
        body: writeArchive(unsigned()),
        type: 'application/cbor',
      }),
      stranger: await push(unsigned(), image.digest, study.id, SigningKey.generate()),
    };
    deepStrictEqual(
      Object.fromEntries(Object.entries(bad).map(([name, answer]) => [name, codeOf(answer)])),
      {
        other: 'NOT_FOUND',
        elsewhere: 'NOT_FOUND',
        changed: 'IMAGE_REJECTED',
        text: 'IMAGE_REJECTED',
        large: 'PAYLOAD_TOO_LARGE',
        type: 'UNSUPPORTED_MEDIA_TYPE',
        stranger: 'FORBIDDEN',
      },
    );
  });
});
