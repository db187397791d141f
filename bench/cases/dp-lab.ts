/** The stream of bytes that the noise cases draw from: the same every time. */
import { Secret } from '../../src/base/secret.ts';
import { type ByteSource, seededBytes } from '../../src/dp/sampler/byte-source.ts';

export const noiseBytes = (): ByteSource =>
  seededBytes(new Secret('benchmark seed', new Uint8Array(32).fill(7)));
