/**
 * Checkpoints: what the log of one study is at one size, and who stood by it.
 *
 *     kakehashi/log/<study>          origin: a log belongs to one study, so that no study learns
 *     12                             from its log how busy another one is
 *     <root, base64>
 *
 *     — jp <base64(key id ‖ signature)>
 *     — lu <base64(key id ‖ signature)>
 *
 * The text is that of C2SP tlog-checkpoint, the lines those of C2SP signed-note with signature
 * type 0xff and a name of ours: Ed25519 over the domain tag and the text, as everything here is
 * signed (rulings 37). Canonical: one text for one checkpoint, lines in the order of names, so
 * that two notes are compared as bytes.
 *
 * A holder co-signs after it verified that the log extends the last one it co-signed. So a
 * checkpoint with the signatures of all of them says: if one of them is honest, there is one
 * log up to here. It does not say that what the entries claim happened.
 * @module
 */
import { concat, fromHex, toHex, utf8 } from '../base/bytes.ts';
import { check } from '../base/errors.ts';
import { type Digest, DIGEST_PATTERN, sha256 } from '../base/hash.ts';
import { NAME_PATTERN } from '../base/name.ts';
import {
  DOMAIN,
  publicKeyBytes,
  type PublicKeyText,
  type SigningKey,
  verify,
} from '../base/sign.ts';

export type Checkpoint = { readonly study: Digest; readonly size: number; readonly root: Digest };

export type Cosignature = {
  readonly holder: string;
  /** 4 bytes of key id, 64 of signature. */
  readonly signature: Uint8Array;
};

export type CheckpointNote = {
  readonly checkpoint: Checkpoint;
  readonly cosignatures: readonly Cosignature[];
};

const ORIGIN = 'kakehashi/log/';
/** signed-note: 0xff and an identifier for a type without a byte of its own. */
const SIGNATURE_TYPE = concat(Uint8Array.of(0xff), utf8(DOMAIN.checkpoint));
const KEY_ID_BYTES = 4;
/** More holders than a study has; signed-note asks for at least 16. */
const MOST_LINES = 64;

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const byName = (a: Cosignature, b: Cosignature): number => (a.holder < b.holder ? -1 : 1);

/** What is signed, newline at the end included. */
export const checkpointText = ({ study, size, root }: Checkpoint): string =>
  `${ORIGIN}${study}\n${size}\n${base64(fromHex(root))}\n`;

/** signed-note: SHA-256(name ‖ 0x0a ‖ type ‖ public key), the first four bytes. A hint only. */
const keyId = (holder: string, key: PublicKeyText): Uint8Array =>
  sha256(concat(utf8(`${holder}\n`), SIGNATURE_TYPE, publicKeyBytes(key))).subarray(
    0,
    KEY_ID_BYTES,
  );

export function cosign(checkpoint: Checkpoint, holder: string, key: SigningKey): Cosignature {
  const signature = key.sign(DOMAIN.checkpoint, utf8(checkpointText(checkpoint)));
  return { holder, signature: concat(keyId(holder, key.publicText), signature) };
}

/** Refuses with SIGNATURE_REJECTED unless `identity` made this line for this checkpoint. */
export function checkCosignature(
  checkpoint: Checkpoint,
  { holder, signature }: Cosignature,
  identity: PublicKeyText,
): void {
  const named = toHex(signature.subarray(0, KEY_ID_BYTES)) === toHex(keyId(holder, identity));
  const bytes = signature.subarray(KEY_ID_BYTES);
  const text = utf8(checkpointText(checkpoint));
  const holds = named && verify(identity, DOMAIN.checkpoint, text, bytes);
  check(holds, 'SIGNATURE_REJECTED', `checkpoint ${checkpoint.size} by ${holder}`);
}

/** Every one of `identities` has signed, and nobody else has. */
export function checkCosigned(
  { checkpoint, cosignatures }: CheckpointNote,
  identities: ReadonlyMap<string, PublicKeyText>,
): void {
  check(cosignatures.length === identities.size, 'PROOF_REJECTED', 'a line of every holder');
  for (const cosignature of cosignatures) {
    const identity = identities.get(cosignature.holder);
    check(identity !== undefined, 'PROOF_REJECTED', `line of ${cosignature.holder}`);
    checkCosignature(checkpoint, cosignature, identity);
  }
}

export function writeNote({ checkpoint, cosignatures }: CheckpointNote): string {
  const lines = [...cosignatures].sort(byName);
  const written = lines.map(({ holder, signature }) => `— ${holder} ${base64(signature)}\n`);
  return [checkpointText(checkpoint), '\n', ...written].join('');
}

/** Reads what `writeNote` writes and nothing else; signatures are not checked here. */
export function readNote(text: string): CheckpointNote {
  const [origin = '', size = '', root = '', blank, ...rest] = text.split('\n');
  check(rest.length <= MOST_LINES + 1, 'MALFORMED_MESSAGE', 'lines of a checkpoint');
  const study = origin.slice(ORIGIN.length);
  check(
    origin.startsWith(ORIGIN) && DIGEST_PATTERN.test(study) && blank === '',
    'MALFORMED_MESSAGE',
    'origin of a checkpoint',
  );
  const number = Number(size);
  check(Number.isSafeInteger(number) && number >= 0, 'MALFORMED_MESSAGE', 'size of a checkpoint');
  const bytes = Buffer.from(root, 'base64');
  check(bytes.length === 32, 'MALFORMED_MESSAGE', 'root of a checkpoint');
  const lines = rest.filter((line) => line !== '');
  const cosignatures = lines.map((line) => {
    const [dash, holder = '', encoded = '', more] = line.split(' ');
    check(
      dash === '—' && NAME_PATTERN.test(holder) && more === undefined,
      'MALFORMED_MESSAGE',
      'line',
    );
    const signature = new Uint8Array(Buffer.from(encoded, 'base64'));
    check(signature.length === KEY_ID_BYTES + 64, 'MALFORMED_MESSAGE', 'signature of a line');
    return { holder, signature };
  });
  check(
    new Set(cosignatures.map(({ holder }) => holder)).size === cosignatures.length,
    'MALFORMED_MESSAGE',
    'two lines of one holder',
  );
  const note = { checkpoint: { study, size: number, root: toHex(bytes) }, cosignatures };
  // Whatever a reader above would forgive, another number, base64 or order, is refused here.
  check(writeNote(note) === text, 'MALFORMED_MESSAGE', 'checkpoint is not canonical');
  return note;
}
