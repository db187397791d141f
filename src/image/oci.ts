/**
 * The documents of an image: OCI image specification 1.1 (manifest, index, descriptor, layout) with the
 * media types of the CNCF's Wasm artifact, narrowed to the one form that this project writes. Every
 * document is RFC 8785 JSON, so that a digest names one meaning, and unknown members are refused.
 * @module
 */
import { type Static, Type, type TSchema } from 'typebox';
import { fromUtf8, utf8 } from '../base/bytes.ts';
import { canonicalJson, type Json, parseStrict } from '../base/canonical-json.ts';
import { type Digest, sha256Hex } from '../base/hash.ts';
import { shapeErrors } from '../base/input.ts';
import { checkImage, rejectImage } from './reject.ts';

export const MEDIA = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
  empty: 'application/vnd.oci.empty.v1+json',
  config: 'application/vnd.wasm.config.v0+json',
  wasm: 'application/wasm',
  signature: 'application/vnd.kakehashi.image-signature.v1+json',
} as const;

const CLOSED = { additionalProperties: false } as const;
/** `sha256:` and 64 hexadecimal digits: no other algorithm, never a tag. */
const OCI_DIGEST = /^sha256:[0-9a-f]{64}$/;
const OciDigest = Type.String({ pattern: OCI_DIGEST.source });
const Size = Type.Integer({ minimum: 0, maximum: 2 ** 31 });

const descriptor = (mediaType: string, extra: Record<string, TSchema> = {}) =>
  Type.Object(
    { mediaType: Type.Literal(mediaType), digest: OciDigest, size: Size, ...extra },
    CLOSED,
  );

export type Descriptor = {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
};

export const ImageManifest = Type.Object(
  {
    schemaVersion: Type.Literal(2),
    mediaType: Type.Literal(MEDIA.manifest),
    config: descriptor(MEDIA.config),
    layers: Type.Array(descriptor(MEDIA.wasm), { minItems: 1, maxItems: 1 }),
  },
  CLOSED,
);
export type ImageManifest = Static<typeof ImageManifest>;

/** A referrer: its subject is the image, its only layer the signature. */
export const SignatureManifest = Type.Object(
  {
    schemaVersion: Type.Literal(2),
    mediaType: Type.Literal(MEDIA.manifest),
    artifactType: Type.Literal(MEDIA.signature),
    config: descriptor(MEDIA.empty),
    layers: Type.Array(descriptor(MEDIA.signature), { minItems: 1, maxItems: 1 }),
    subject: descriptor(MEDIA.manifest),
  },
  CLOSED,
);
export type SignatureManifest = Static<typeof SignatureManifest>;

export const Index = Type.Object(
  {
    schemaVersion: Type.Literal(2),
    mediaType: Type.Literal(MEDIA.index),
    manifests: Type.Array(
      descriptor(MEDIA.manifest, { artifactType: Type.Optional(Type.Literal(MEDIA.signature)) }),
      { minItems: 1, maxItems: 65 },
    ),
  },
  CLOSED,
);
export type Index = Static<typeof Index>;

/** The CNCF's configuration of a Wasm artifact, and the declaration beside it. */
export const ConfigShape = Type.Object(
  {
    architecture: Type.Literal('wasm'),
    os: Type.Literal('wasip1'),
    author: Type.String(),
    layerDigests: Type.Array(OciDigest, { minItems: 1, maxItems: 1 }),
    kakehashi: Type.Unknown(),
  },
  CLOSED,
);

export const LAYOUT_FILE = utf8(canonicalJson({ imageLayoutVersion: '1.0.0' }));
export const EMPTY_CONFIG = utf8('{}');

export const ociDigest = (bytes: Uint8Array): string => `sha256:${sha256Hex(bytes)}`;
export const hexOf = (digest: string): Digest => digest.slice('sha256:'.length);
export const blobPath = (digest: string): string => `blobs/sha256/${hexOf(digest)}`;

export const describe = (mediaType: string, bytes: Uint8Array): Descriptor => ({
  mediaType,
  digest: ociDigest(bytes),
  size: bytes.length,
});

export const document = (json: unknown): Uint8Array => utf8(canonicalJson(json));

type Loose = { readonly mediaType?: unknown; readonly annotations?: unknown };

/** Says what is most telling of a document that has not the shape. */
function refuseShape(json: Json): never {
  const nodes: Loose[] = [];
  const collect = (node: Json): void => {
    if (typeof node !== 'object' || node === null) return;
    if (!Array.isArray(node)) nodes.push(node as Loose);
    for (const child of Object.values(node)) collect(child as Json);
  };
  collect(json);
  if (nodes.some(({ annotations }) => annotations !== undefined)) rejectImage('TAG');
  const types = nodes.map(({ mediaType }) => (typeof mediaType === 'string' ? mediaType : ''));
  if (types.some((type) => /[+.](?:gzip|zstd)$/.test(type))) rejectImage('COMPRESSED');
  const known: readonly string[] = Object.values(MEDIA);
  if (types.some((type) => type !== '' && !known.includes(type))) rejectImage('MEDIA_TYPE');
  rejectImage('LAYOUT_MALFORMED');
}

/** The document, which must be canonical and of this shape. */
export function readDocument<S extends TSchema>(schema: S, bytes: Uint8Array): Static<S> {
  let json: Json;
  let text: string;
  try {
    text = fromUtf8(bytes);
    json = parseStrict(text);
  } catch {
    rejectImage('LAYOUT_MALFORMED');
  }
  let canonical = '';
  try {
    canonical = canonicalJson(json);
  } catch {
    rejectImage('NOT_CANONICAL');
  }
  checkImage(canonical === text, 'NOT_CANONICAL');
  if (shapeErrors(schema, json).length > 0) refuseShape(json);
  return json as Static<S>;
}
