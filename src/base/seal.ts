/**
 * Sealing of bytes to a holder's per-run key: HPKE (RFC 9180, base mode) with the hybrid KEM
 * X-Wing (X25519 and ML-KEM-768), HKDF-SHA-256 and AES-256-GCM.
 *
 * Assumption  X-Wing is IND-CCA if either X25519 (gap CDH) or ML-KEM-768 is, in the random
 *             oracle model (Barbosa et al., "X-Wing", IACR CiC 1(1), 2024).
 * Adversary   the relay, now or with a quantum computer later. It sees lengths and timing.
 * Not given   authentication of the sender: the frame around a sealed body is signed.
 *
 * Everything that names the message (study, run, flow, sender, receiver, sequence, kind) goes
 * into `context` (flows/frame.ts), so that a sealed body opened anywhere else fails.
 * @module
 */
import { Aes256Gcm, CipherSuite, HkdfSha256 } from '@hpke/core';
import { XWing } from '@hpke/hybridkem-x-wing';
import { check, Refusal } from './errors.ts';
import { Secret } from './secret.ts';

const suite = new CipherSuite({ kem: new XWing(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });

/** Bytes of an encapsulated key: ML-KEM-768 ciphertext and X25519 point. */
const ENCAPSULATION = 1120;

export type SealKeyPair = { readonly publicKey: Uint8Array; readonly privateKey: Secret };

const owned = (buffer: ArrayBuffer): Uint8Array => new Uint8Array(buffer);
/** A copy with a buffer of its own, as WebCrypto-style interfaces want. */
const detached = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer;

/** A fresh pair; `publicKey` has 1,216 bytes. The library draws from the system generator. */
export async function generateSealKeyPair(): Promise<SealKeyPair> {
  const pair = await suite.kem.generateKeyPair();
  return {
    publicKey: owned(await suite.kem.serializePublicKey(pair.publicKey)),
    privateKey: new Secret('seal key', owned(await suite.kem.serializePrivateKey(pair.privateKey))),
  };
}

/** Encapsulation and ciphertext in one: 1,120 + length + 16 bytes. */
export async function seal(
  recipient: Uint8Array,
  context: Uint8Array,
  plaintext: Uint8Array,
): Promise<Uint8Array> {
  try {
    const recipientPublicKey = await suite.kem.deserializePublicKey(detached(recipient));
    const sender = await suite.createSenderContext({ recipientPublicKey, info: detached(context) });
    const ciphertext = await sender.seal(detached(plaintext), detached(context));
    const out = new Uint8Array(ENCAPSULATION + ciphertext.byteLength);
    out.set(owned(sender.enc), 0);
    out.set(owned(ciphertext), ENCAPSULATION);
    return out;
  } catch (cause) {
    throw new Refusal('MALFORMED_MESSAGE', 'seal', undefined, { cause });
  }
}

/** The plaintext, or MALFORMED_MESSAGE for anything that is not a message to this key in this context. */
export async function open(key: Secret, context: Uint8Array, sealed: Uint8Array): Promise<Secret> {
  check(sealed.length >= ENCAPSULATION + 16, 'MALFORMED_MESSAGE', 'sealed body length');
  try {
    const recipientKey = await suite.kem.deserializePrivateKey(detached(key.expose()));
    const recipient = await suite.createRecipientContext({
      recipientKey,
      enc: detached(sealed.subarray(0, ENCAPSULATION)),
      info: detached(context),
    });
    const ciphertext = detached(sealed.subarray(ENCAPSULATION));
    return new Secret('opened body', owned(await recipient.open(ciphertext, detached(context))));
  } catch (cause) {
    throw new Refusal('MALFORMED_MESSAGE', 'sealed body did not open', undefined, { cause });
  }
}
