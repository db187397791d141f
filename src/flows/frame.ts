/**
 * The frame: everything that holders say to each other through the sandbox (DESIGN section 9).
 *
 *     [version, study, run, from, to, sequence, kind, sha256(body), body, signature]
 *
 * Deterministic CBOR. The holder `from` signs the first eight elements with its identity key,
 * so a frame can be shown to others without its body. `to` is a holder of the study, `sandbox`,
 * or `*` for a signed broadcast to the run's holders and the sandbox. `sequence` counts from 1
 * in each (run, from, to). A body to one holder is sealed (see `sealContext`).
 *
 * Frames from `sandbox` are unsigned: they carry only what proves itself (a signed study, a
 * signed query). The sandbox is not trusted, so its signature would add nothing.
 * @module
 */
import { equalBytes, toHex } from '../base/bytes.ts';
import { type Cbor, decodeCbor, encodeCbor } from '../base/codec.ts';
import { check, Refusal } from '../base/errors.ts';
import { type Digest, DIGEST_PATTERN, sha256 } from '../base/hash.ts';
import { NAME } from '../base/name.ts';
import { DOMAIN, type PublicKeyText, type SigningKey, verify } from '../base/sign.ts';
import { transcriptBytes } from '../base/transcript.ts';

export const FRAME_VERSION = 1;

/** More than a run has messages; each is stored, so that their number must have an end. */
export const MAX_SEQUENCE = 64;

/** One frame, encoded, is at most this long. */
export const MAX_FRAME_BYTES = 16 * 1024 * 1024;

export const SANDBOX = 'sandbox';
export const EVERYONE = '*';

/**
 * Sandbox to holder: study, query, checkpoint. Holder about a study: accepted; about an ended run, to the sandbox:
 * erasure. Checkpoints and
 * cosignatures are about a run or about a study as a whole; the last three are a run of their own
 * (recovery.ts); the rest belongs to one run.
 */
export const FRAME_KINDS = [
  'study',
  'accepted',
  'query',
  'run-key',
  'plan',
  'mask-key',
  'reservation',
  'contribution',
  'share',
  'receipt',
  'checkpoint',
  'cosignature',
  'refusal',
  'recover',
  'mirror',
  'recovered',
  'erasure',
] as const;

export type FrameKind = (typeof FRAME_KINDS)[number];

/** Ciphertexts: of a run that has ended nobody reads them again, and it is kept that they were sent. */
export const LONG_OR_SEALED: readonly FrameKind[] = ['mask-key', 'contribution', 'share'];

export type Frame = {
  readonly study: Digest;
  readonly run: Digest;
  readonly from: string;
  readonly to: string;
  readonly sequence: number;
  readonly kind: FrameKind;
  readonly body: Uint8Array;
  /** 64 bytes, or none where `from` is the sandbox. */
  readonly signature: Uint8Array;
};

export type UnsignedFrame = Omit<Frame, 'signature'>;

const signedPart = (frame: UnsignedFrame, digest: Uint8Array): Uint8Array =>
  transcriptBytes('kakehashi/frame/1', [
    FRAME_VERSION,
    frame.study,
    frame.run,
    frame.from,
    frame.to,
    frame.sequence,
    frame.kind,
    digest,
  ]);

export const signFrame = (frame: UnsignedFrame, key: SigningKey): Frame => ({
  ...frame,
  signature: key.sign(DOMAIN.frame, signedPart(frame, sha256(frame.body))),
});

export const unsignedFrame = (frame: UnsignedFrame): Frame => ({
  ...frame,
  signature: new Uint8Array(0),
});

/** Refuses with SIGNATURE_REJECTED unless `identity` signed this frame. `digest` is that of the body it had. */
export function checkFrameSignature(
  frame: Frame,
  identity: PublicKeyText,
  digest: Uint8Array = sha256(frame.body),
): void {
  check(
    verify(identity, DOMAIN.frame, signedPart(frame, digest), frame.signature),
    'SIGNATURE_REJECTED',
    `frame ${frame.kind} from ${frame.from}`,
  );
}

/** Digest of the whole frame: two frames with the same number must have the same one. */
export const frameDigest = (frame: Frame): Digest => toHex(sha256(encodeFrame(frame)));

export function encodeFrame(frame: Frame): Uint8Array {
  return encodeWith(frame, sha256(frame.body));
}

const NO_BODY = new Uint8Array(0);

/** The frame without its body: what its holder signed is still there, the digest of the body included. */
export function withoutBody(bytes: Uint8Array): Uint8Array {
  const { frame, digest } = decodeKept(bytes);
  return encodeWith({ ...frame, body: NO_BODY }, digest);
}

function encodeWith(frame: Frame, digest: Uint8Array): Uint8Array {
  const { study, run, from, to, sequence, kind, body, signature } = frame;
  return encodeCbor([FRAME_VERSION, study, run, from, to, sequence, kind, digest, body, signature]);
}

const ADDRESS = new RegExp(`^(?:${NAME}|\\*)$`);

/** Shape only; the signature is checked by `checkFrameSignature` against a pinned key. */
export function decodeFrame(bytes: Uint8Array): Frame {
  const { frame, digest } = decodeParts(bytes);
  check(equalBytes(digest, sha256(frame.body)), 'MALFORMED_MESSAGE', 'frame body digest');
  return frame;
}

/** A frame, or one of `LONG_OR_SEALED` without its body; `digest` is that of the body that was signed. */
export function decodeKept(bytes: Uint8Array): {
  readonly frame: Frame;
  readonly digest: Uint8Array;
} {
  const parts = decodeParts(bytes);
  const { frame, digest } = parts;
  const emptied = frame.body.length === 0 && LONG_OR_SEALED.includes(frame.kind);
  const whole = equalBytes(digest, sha256(frame.body));
  check(emptied || whole, 'MALFORMED_MESSAGE', 'frame body digest');
  return parts;
}

function decodeParts(bytes: Uint8Array) {
  check(bytes.length <= MAX_FRAME_BYTES, 'PAYLOAD_TOO_LARGE', `${bytes.length} bytes`);
  const item = decodeCbor(bytes);
  check(Array.isArray(item) && item.length >= 1, 'MALFORMED_MESSAGE', 'frame is not an array');
  const fields = item as readonly Cbor[];
  // The version comes first: a frame of another version may have another shape.
  const version = fields[0];
  check(typeof version === 'number', 'MALFORMED_MESSAGE', 'frame version');
  if (version !== FRAME_VERSION) {
    throw new Refusal('UNSUPPORTED_VERSION', 'frame', { asked: version, served: [FRAME_VERSION] });
  }
  check(fields.length === 10, 'MALFORMED_MESSAGE', `frame has ${fields.length} elements`);
  const [, study, run, from, to, sequence, kind, digest, body, signature] = fields;
  check(
    typeof study === 'string' &&
      DIGEST_PATTERN.test(study) &&
      typeof run === 'string' &&
      DIGEST_PATTERN.test(run) &&
      typeof from === 'string' &&
      ADDRESS.test(from) &&
      typeof to === 'string' &&
      ADDRESS.test(to) &&
      typeof sequence === 'number' &&
      Number.isSafeInteger(sequence) &&
      sequence >= 1 &&
      sequence <= MAX_SEQUENCE &&
      typeof kind === 'string' &&
      digest instanceof Uint8Array &&
      body instanceof Uint8Array &&
      signature instanceof Uint8Array,
    'MALFORMED_MESSAGE',
    'frame element',
  );
  const known = FRAME_KINDS.find((one) => one === kind);
  check(known !== undefined, 'MALFORMED_MESSAGE', 'frame kind');
  const frame: Frame = { study, run, from, to, sequence, kind: known, body, signature };
  return { frame, digest };
}

/** The associated data of a sealed body (rulings 36): a body opens only where it was meant. */
export const sealContext = (
  frame: Omit<UnsignedFrame, 'body'> & { readonly flow: string },
): Uint8Array =>
  transcriptBytes('kakehashi/sealed-body/1', [
    FRAME_VERSION,
    frame.study,
    frame.run,
    frame.flow,
    frame.from,
    frame.to,
    frame.sequence,
    frame.kind,
  ]);
