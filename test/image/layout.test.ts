/** Layouts and archives: what is written is read, and every kind of change is refused for what it is. */
import { deepStrictEqual, ok } from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { type InputError, Refusal } from '../../src/base/errors.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { readArchive, writeArchive } from '../../src/image/archive.ts';
import { imageDigest, readLayout, writeLayout } from '../../src/image/layout.ts';
import { signImage } from '../../src/image/signature.ts';
import { verifyImage } from '../../src/image/verify.ts';
import { declaration, signedImage } from '../support/image.ts';
import { CONSTANT, i32, i64, RESERVE, wasm } from '../support/wasm-text.ts';

const STUDY = 'a'.repeat(64);
const image = signedImage(CONSTANT);
const files = image.filesFor(STUDY);

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    ok(error instanceof Refusal, String(error));
    const { errors } = (error.fields ?? {}) as { readonly errors?: readonly InputError[] };
    return errors?.[0]?.code ?? String(error.code);
  }
  return 'taken';
}

/** The archive with one file changed or added. */
const changed = (path: string, content: Uint8Array | undefined): Map<string, Uint8Array> => {
  const copy = new Map(files);
  if (content === undefined) copy.delete(path);
  else copy.set(path, content);
  return copy;
};

const text = (path: string): string => new TextDecoder().decode(files.get(path));
const manifest = `blobs/sha256/${image.digest}`;

test('an image survives the archive, and has the digest that a study names', () => {
  const read = readLayout(readArchive(writeArchive(files)));
  deepStrictEqual(read.digest, image.digest);
  deepStrictEqual(read.declaration, image.declaration);
  deepStrictEqual(new Uint8Array(read.wasm), CONSTANT);
  deepStrictEqual(read.signatures.length, 2);
  deepStrictEqual(imageDigest(image.declaration, CONSTANT), image.digest);
  deepStrictEqual(writeArchive(image.filesFor(STUDY)), writeArchive(files));
});

describe('a layout is refused', () => {
  const index = (change: (json: string) => string) =>
    changed('index.json', utf8(change(text('index.json'))));
  test.each<[string, string, Map<string, Uint8Array>]>([
    ['control', 'taken', new Map(files)],
    [
      'altered layer',
      'DIGEST',
      changed(
        [...files.keys()].find((path) => files.get(path) === CONSTANT) ?? '',
        CONSTANT.slice().fill(9, 40, 41),
      ),
    ],
    ['missing layer', 'LAYOUT_MALFORMED', changed(manifest, undefined)],
    [
      'a file that nothing names',
      'LAYOUT_EXTRA_FILE',
      changed(`blobs/sha256/${'0'.repeat(64)}`, utf8('x')),
    ],
    ['path traversal', 'ARCHIVE_PATH', changed('../../etc/passwd', utf8('x'))],
    ['absolute path', 'ARCHIVE_PATH', changed('/etc/passwd', utf8('x'))],
    ['other spacing', 'NOT_CANONICAL', index((json) => `${json} `)],
    [
      'a tag',
      'TAG',
      index((json) =>
        json.replace(
          '"digest"',
          '"annotations":{"org.opencontainers.image.ref.name":"latest"},"digest"',
        ),
      ),
    ],
    ['another algorithm', 'LAYOUT_MALFORMED', index((json) => json.replace('sha256:', 'sha512:'))],
    [
      'another size',
      'SIZE',
      index((json) =>
        json.replace(/"size":(\d+)/, (_, size: string) => `"size":${Number(size) + 1}`),
      ),
    ],
    [
      'another media type',
      'MEDIA_TYPE',
      index((json) => json.replace('image.manifest.v1', 'image.index.v7')),
    ],
    [
      'a member twice',
      'LAYOUT_MALFORMED',
      index((json) => json.replace('"schemaVersion":2', '"schemaVersion":2,"schemaVersion":2')),
    ],
    [
      'too large',
      'LAYOUT_LIMIT',
      changed(`blobs/sha256/${'0'.repeat(64)}`, new Uint8Array(5 << 20)),
    ],
  ])('%s: %s', (_, reason, layout) =>
    deepStrictEqual(
      codeOf(() => readLayout(layout)),
      reason,
    ),
  );

  test.each<[string, string, Parameters<typeof declaration>[0]]>([
    ['an older ABI', 'ABI_VERSION', { abi: 0 as 1 }],
    ['a newer ABI', 'ABI_VERSION', { abi: 2 as 1 }],
    ['memory other than its own', 'WASM_MEMORY', { memory: 3 }],
    [
      'bounds the wrong way round',
      'OUT_OF_RANGE',
      { fields: [{ name: 'a', min: 1, max: 0, default: 0 }] },
    ],
    [
      'a field too wide',
      'OUT_OF_RANGE',
      { fields: [{ name: 'a', min: 0, max: 2 ** 17, default: 0 }] },
    ],
    ['a category without its domain', 'DOMAIN', { columns: [{ name: 'sex', type: 'category' }] }],
    [
      'a domain of a number',
      'DOMAIN',
      { columns: [{ name: 'age', type: 'int64', domain: ['1', '2'] }] },
    ],
    [
      'a unit of a date',
      'UNKNOWN_FIELD',
      { columns: [{ name: 'visit', type: 'date32', unit: 'd' }] },
    ],
    [
      'a column twice',
      'DUPLICATE_NAME',
      {
        columns: [
          { name: 'age', type: 'int64' },
          { name: 'age', type: 'float64' },
        ],
      },
    ],
    [
      'a field twice',
      'DUPLICATE_NAME',
      {
        fields: [
          { name: 'a', min: 0, max: 1, default: 0 },
          { name: 'a', min: 0, max: 2, default: 0 },
        ],
      },
    ],
    ...['0/1', '-1/2', '2/4', 'one'].map(
      (step): [string, string, Parameters<typeof declaration>[0]] => [
        `a step of ${step}`,
        'STEP_INVALID',
        { fields: [{ name: 'a', min: 0, max: 1, default: 0, step }] },
      ],
    ),
    ['a default outside', 'OUT_OF_RANGE', { fields: [{ name: 'a', min: 0, max: 9, default: 10 }] }],
  ])('declaring %s', (_, reason, change) => {
    const layout = writeLayout({ ...image.declaration, ...change }, CONSTANT);
    deepStrictEqual(
      codeOf(() => readLayout(layout)),
      reason,
    );
  });
});

test('a binary whose types do not fit is refused', () => {
  const giving = (value: number[]) => wasm({ functions: [RESERVE, [[], value]] });
  const read = (binary: Uint8Array) =>
    codeOf(() => readLayout(writeLayout(declaration({ memory: 2 }), binary)));
  deepStrictEqual(read(giving(i32(0))), 'taken');
  deepStrictEqual(read(giving(i64(0n))), 'WASM_INVALID');
  deepStrictEqual(read(giving([])), 'WASM_INVALID');
});

describe('an archive is refused', () => {
  const archive = writeArchive(files);
  const edited = (edit: (bytes: Uint8Array) => void): Uint8Array => {
    const bytes = archive.slice();
    edit(bytes);
    const sum = bytes
      .subarray(0, 512)
      .reduce((all, byte, i) => all + (i >= 148 && i < 156 ? 32 : byte), 0);
    bytes.set(utf8(`${sum.toString(8).padStart(6, '0')}\0 `), 148);
    return bytes;
  };
  test.each<[string, string, Uint8Array]>([
    ['control', 'taken', edited(() => undefined)],
    ['symbolic link', 'ARCHIVE_FILE_TYPE', edited((bytes) => bytes.set(utf8('2'), 156))],
    ['hard link', 'ARCHIVE_FILE_TYPE', edited((bytes) => bytes.set(utf8('1'), 156))],
    ['directory', 'ARCHIVE_FILE_TYPE', edited((bytes) => bytes.set(utf8('5'), 156))],
    ['prefix', 'ARCHIVE_PATH', edited((bytes) => bytes.set(utf8('..'), 345))],
    ['name that climbs', 'ARCHIVE_PATH', edited((bytes) => bytes.set(utf8('../'), 0))],
    [
      'size beyond the end',
      'ARCHIVE_MALFORMED',
      edited((bytes) => bytes.set(utf8('77777777777'), 124)),
    ],
    ['gzip', 'COMPRESSED', new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0])],
    ['zstd', 'COMPRESSED', new Uint8Array([0x28, 0xb5, 0x2f, 0xfd])],
    ['a bomb of zeros', 'LAYOUT_LIMIT', new Uint8Array(9 << 20)],
    ['bytes behind the end', 'ARCHIVE_MALFORMED', new Uint8Array([...archive, 1])],
    ['cut short', 'ARCHIVE_MALFORMED', archive.subarray(0, archive.length - 1024)],
  ])('%s: %s', (_, reason, bytes) =>
    deepStrictEqual(
      codeOf(() => readLayout(readArchive(bytes))),
      reason,
    ),
  );

  test('whatever is changed in it', () => {
    fc.assert(
      fc.property(fc.nat(archive.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const bytes = archive.slice();
        bytes[at] = (bytes[at] ?? 0) ^ by;
        ok(codeOf(() => readLayout(readArchive(bytes))) !== 'taken');
      }),
      { numRuns: 300 },
    );
  });
});

describe('signatures', () => {
  const agreed = { digest: image.digest, declaration: image.declaration, signers: image.signers };
  const [party = SigningKey.generate()] = image.parties;
  const with_ = (...signatures: ReturnType<typeof signImage>[]) =>
    writeLayout(image.declaration, CONSTANT, signatures);
  const author = signImage(image.author, image.digest, { role: 'author' });
  const forStudy = signImage(party, image.digest, { role: 'party', study: STUDY });
  const other = 'b'.repeat(64);
  test.each<[string, string, () => unknown]>([
    [
      'author and party (control)',
      'taken',
      () => verifyImage(with_(author, forStudy), agreed, STUDY),
    ],
    ['unsigned', 'IMAGE_UNSIGNED', () => verifyImage(with_(), agreed, STUDY)],
    ['no party', 'IMAGE_UNSIGNED', () => verifyImage(with_(author), agreed, STUDY)],
    ['no author', 'IMAGE_UNSIGNED', () => verifyImage(with_(forStudy), agreed, STUDY)],
    [
      'the same party twice for two',
      'IMAGE_UNSIGNED',
      () =>
        verifyImage(
          with_(author, forStudy, forStudy),
          {
            ...agreed,
            signers: {
              ...image.signers,
              parties: { need: 2, keys: [party.publicText, SigningKey.generate().publicText] },
            },
          },
          STUDY,
        ),
    ],
    [
      'signed for another study',
      'IMAGE_UNSIGNED',
      () => verifyImage(with_(author, forStudy), agreed, other),
    ],
    [
      'revoked party',
      'IMAGE_UNSIGNED',
      () => verifyImage(with_(author, forStudy), agreed, STUDY, new Set([party.publicText])),
    ],
    [
      'a stranger for the party',
      'IMAGE_UNSIGNED',
      () =>
        verifyImage(
          with_(
            author,
            signImage(SigningKey.generate(), image.digest, { role: 'party', study: STUDY }),
          ),
          agreed,
          STUDY,
        ),
    ],
    [
      'an author who signs as party',
      'IMAGE_UNSIGNED',
      () =>
        verifyImage(
          with_(author, signImage(image.author, image.digest, { role: 'party', study: STUDY })),
          agreed,
          STUDY,
        ),
    ],
    [
      'a signature over other bytes',
      'OTHER_IMAGE',
      () =>
        verifyImage(
          with_(signImage(image.author, other, { role: 'author' }), forStudy),
          agreed,
          STUDY,
        ),
    ],
    [
      'a signature of somebody else under this key',
      'IMAGE_UNSIGNED',
      () =>
        verifyImage(
          with_(
            {
              ...signImage(SigningKey.generate(), image.digest, { role: 'author' }),
              key: image.author.publicText,
            },
            forStudy,
          ),
          agreed,
          STUDY,
        ),
    ],
    [
      'another image than the study names',
      'OTHER_IMAGE',
      () => verifyImage(with_(author, forStudy), { ...agreed, digest: other }, STUDY),
    ],
    [
      'another declaration than the stewards signed',
      'DECLARATION',
      () =>
        verifyImage(
          with_(author, forStudy),
          { ...agreed, declaration: declaration({ fuel: 7 }) },
          STUDY,
        ),
    ],
  ])('%s: %s', (_, code, run) => deepStrictEqual(codeOf(run), code));
});
