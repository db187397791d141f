/**
 * The messages of the unbalanced protocol, version 1, as bodies of psi/frames.ts. The client says how
 * many inputs it has, then requests and answers alternate, each of a length that follows from that.
 * @module
 */
import { check, Refusal } from '../../base/errors.ts';
import type { OprfGroup } from './group.ts';

export const KIND = { hello: 0x60, request: 0x61, answer: 0x62 } as const;
export const HELLO_BYTES = 5;
/** Inputs of one request, and of one proof. */
export const BATCH = 1024;

const VERSION = 1;

export function encodeHello(inputs: number): Uint8Array {
  const body = new Uint8Array(HELLO_BYTES);
  body[0] = VERSION;
  new DataView(body.buffer).setUint32(1, inputs, true);
  return body;
}

export function decodeHello(body: Uint8Array, limit: number): number {
  const version = body[0] ?? 0;
  if (version !== VERSION) {
    throw new Refusal('UNSUPPORTED_VERSION', 'oprf-psi', { asked: version, served: [VERSION] });
  }
  const inputs = new DataView(body.buffer, body.byteOffset).getUint32(1, true);
  check(inputs > 0 && inputs <= limit, 'MALFORMED_MESSAGE', `${inputs} inputs, limit ${limit}`);
  return inputs;
}

/** The sizes of the requests for `inputs` inputs. */
export const batches = (inputs: number): number[] =>
  Array.from({ length: Math.ceil(inputs / BATCH) }, (_, i) => Math.min(BATCH, inputs - i * BATCH));

/** Bytes of the answer to a request of n: evaluated elements and a proof of two scalars. */
export const answerBytes = ({ elementBytes, scalarBytes }: OprfGroup, n: number): number =>
  n * elementBytes + 2 * scalarBytes;
