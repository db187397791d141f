/**
 * Reads and writes an image as the files of an OCI image layout: `oci-layout`, `index.json`,
 * `blobs/sha256/<hex>`. A layout holds one image and its signatures, nothing else: a file that no
 * document names is refused, and so is a name that is not one of these three.
 * @module
 */
import type { Digest } from '../base/hash.ts';
import { equalBytes } from '../base/bytes.ts';
import { ABI_VERSION, type Declaration, declarationErrors } from './declaration.ts';
import {
  blobPath,
  ConfigShape,
  type Descriptor,
  describe,
  document,
  EMPTY_CONFIG,
  hexOf,
  ImageManifest,
  Index,
  LAYOUT_FILE,
  MEDIA,
  ociDigest,
  readDocument,
  SignatureManifest,
} from './oci.ts';
import { checkImage, rejectImage } from './reject.ts';
import { Refusal } from '../base/errors.ts';
import { type ImageSignature, SignatureShape } from './signature.ts';
import { checkMeterable } from './wasm/meter.ts';
import { type Module, parseModule } from './wasm/module.ts';

/** Contents by path, with forward slashes. */
export type Files = ReadonlyMap<string, Uint8Array>;

export type Image = {
  /** Of the manifest: what a study names, in hexadecimal. */
  readonly digest: Digest;
  readonly declaration: Declaration;
  readonly wasm: Uint8Array;
  readonly module: Module;
  /** As they are: who signed what is checked against a study (verify.ts). */
  readonly signatures: readonly ImageSignature[];
};

export const LAYOUT_LIMITS = { files: 200, bytes: 4 << 20, document: 1 << 16 } as const;

const MANIFEST = 'index.json';
const VERSION = 'oci-layout';
const PATH = /^(?:oci-layout|index\.json|blobs\/sha256\/[0-9a-f]{64})$/;

/** Blobs by descriptor; notes which were named. */
class Blobs {
  readonly #files: Files;
  readonly #named = new Set([MANIFEST, VERSION]);

  constructor(files: Files) {
    this.#files = files;
  }

  get({ digest, size }: Descriptor): Uint8Array {
    const path = blobPath(digest);
    const bytes = this.#files.get(path);
    checkImage(bytes !== undefined, 'LAYOUT_MALFORMED');
    this.#named.add(path);
    checkImage(bytes.length === size, 'SIZE');
    checkImage(ociDigest(bytes) === digest, 'DIGEST');
    return bytes;
  }

  checkAllNamed(): void {
    for (const path of this.#files.keys()) checkImage(this.#named.has(path), 'LAYOUT_EXTRA_FILE');
  }
}

function checkFiles(files: Files): void {
  checkImage(files.size <= LAYOUT_LIMITS.files, 'LAYOUT_LIMIT');
  let bytes = 0;
  for (const [path, content] of files) {
    checkImage(PATH.test(path), 'ARCHIVE_PATH');
    bytes += content.length;
  }
  checkImage(bytes <= LAYOUT_LIMITS.bytes, 'LAYOUT_LIMIT');
}

function file(files: Files, path: string): Uint8Array {
  const bytes = files.get(path);
  checkImage(bytes !== undefined && bytes.length <= LAYOUT_LIMITS.document, 'LAYOUT_MALFORMED');
  return bytes;
}

/** What a declaration says that this version does not run, before its shape is looked at. */
function checkVersion(node: unknown): void {
  const abi = typeof node === 'object' && node !== null && 'abi' in node ? node.abi : undefined;
  checkImage(abi === ABI_VERSION, 'ABI_VERSION');
}

/** Refuses with IMAGE_REJECTED and pointers into the declaration. */
export function readDeclaration(node: unknown): Declaration {
  checkVersion(node);
  const errors = declarationErrors(node);
  if (errors.length > 0) throw new Refusal('IMAGE_REJECTED', 'declaration', { errors });
  return node as Declaration;
}

function readModule(wasm: Uint8Array, declaration: Declaration): Module {
  const module = parseModule(wasm);
  checkMeterable(module);
  checkImage(module.memory.maximum === declaration.memory, 'WASM_MEMORY');
  checkImage(WebAssembly.validate(new Uint8Array(wasm)), 'WASM_INVALID');
  return module;
}

function readSignature(blobs: Blobs, bytes: Uint8Array, subject: Descriptor): ImageSignature {
  const manifest = readDocument(SignatureManifest, bytes);
  checkImage(manifest.subject.digest === subject.digest, 'OTHER_IMAGE');
  checkImage(manifest.subject.size === subject.size, 'SIZE');
  checkImage(equalBytes(blobs.get(manifest.config), EMPTY_CONFIG), 'LAYOUT_MALFORMED');
  const [layer] = manifest.layers;
  checkImage(layer !== undefined, 'LAYOUT_MALFORMED');
  const signature = readDocument(SignatureShape, blobs.get(layer));
  checkImage(signature.statement.image === hexOf(subject.digest), 'OTHER_IMAGE');
  return signature;
}

/** The image of a layout, digests, sizes, media types and binary checked; IMAGE_REJECTED else. */
export function readLayout(files: Files): Image {
  checkFiles(files);
  checkImage(equalBytes(file(files, VERSION), LAYOUT_FILE), 'LAYOUT_MALFORMED');
  const index = readDocument(Index, file(files, MANIFEST));
  const own = index.manifests.filter((each) => !('artifactType' in each));
  const [subject] = own;
  checkImage(subject !== undefined && own.length === 1, 'LAYOUT_MALFORMED');
  const blobs = new Blobs(files);
  const manifest = readDocument(ImageManifest, blobs.get(subject));
  const config = readDocument(ConfigShape, blobs.get(manifest.config));
  const declaration = readDeclaration(config.kakehashi);
  const [layer] = manifest.layers;
  if (layer === undefined) rejectImage('LAYOUT_MALFORMED');
  checkImage(config.layerDigests[0] === layer.digest, 'DIGEST');
  checkImage(config.author === declaration.author, 'DECLARATION');
  const wasm = blobs.get(layer);
  const module = readModule(wasm, declaration);
  const signatures = index.manifests
    .filter((each) => each !== subject)
    .map((each) => readSignature(blobs, blobs.get(each), subject));
  blobs.checkAllNamed();
  return { digest: hexOf(subject.digest), declaration, wasm, module, signatures };
}

/** The layout of an image with these signatures. The same input gives the same bytes. */
export function writeLayout(
  declaration: Declaration,
  wasm: Uint8Array,
  signatures: readonly ImageSignature[] = [],
): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const put = (mediaType: string, bytes: Uint8Array): Descriptor => {
    const found = describe(mediaType, bytes);
    files.set(blobPath(found.digest), bytes);
    return found;
  };
  const layer = put(MEDIA.wasm, wasm);
  const config = put(
    MEDIA.config,
    document({
      architecture: 'wasm',
      os: 'wasip1',
      author: declaration.author,
      layerDigests: [layer.digest],
      kakehashi: declaration,
    }),
  );
  const schema = { schemaVersion: 2, mediaType: MEDIA.manifest } as const;
  const subject = put(MEDIA.manifest, document({ ...schema, config, layers: [layer] }));
  const referrers = signatures.map((signature) => {
    const artifactType = MEDIA.signature;
    const empty = put(MEDIA.empty, EMPTY_CONFIG);
    const layers = [put(MEDIA.signature, document(signature))];
    const manifest = { ...schema, artifactType, config: empty, layers, subject };
    return { ...put(MEDIA.manifest, document(manifest)), artifactType };
  });
  const index = { schemaVersion: 2, mediaType: MEDIA.index, manifests: [subject, ...referrers] };
  files.set(VERSION, LAYOUT_FILE);
  files.set(MANIFEST, document(index));
  return files;
}

/** The digest that an image of this declaration and binary has. */
export const imageDigest = (declaration: Declaration, wasm: Uint8Array): Digest => {
  const index = readDocument(Index, writeLayout(declaration, wasm).get(MANIFEST) ?? LAYOUT_FILE);
  return hexOf(index.manifests[0]?.digest ?? '');
};
