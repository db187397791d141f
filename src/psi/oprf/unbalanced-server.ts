/**
 * Unbalanced PSI from a VOPRF, server: a large set, evaluated once and handed out as a filter
 * (filter.ts); each client then pays for its own small set only. Freedman, Ishai, Pinkas, Reingold,
 * TCC 2005; Jarecki, Liu, SCN 2010. Who learns what stands in unbalanced-client.ts.
 * @module
 */
import { concat } from '../../base/bytes.ts';
import { check } from '../../base/errors.ts';
import type { Rng } from '../../base/rng.ts';
import type { Channel } from '../channel.ts';
import { Frames } from '../frames.ts';
import { buildFilter, type OprfFilter, prefixWidth } from './filter.ts';
import type { OprfContext } from './group.ts';
import type { OprfKeyPair } from './keys.ts';
import { blindEvaluateVerified, evaluate } from './server.ts';
import { batches, decodeHello, HELLO_BYTES, KIND } from './unbalanced-messages.ts';

/** Items evaluated at a time: only their prefixes are kept. */
const CHUNK = 4096;

/** The filter of the server's own items: 8 bytes each for up to 2^24 items at 40 bits. */
export function evaluatedFilter(
  context: OprfContext,
  { secretKey, publicKey }: OprfKeyPair,
  items: readonly Uint8Array[],
  falsePositiveBits = 40,
): OprfFilter {
  const width = prefixWidth(items.length, falsePositiveBits);
  const prefixes: Uint8Array[] = [];
  for (let from = 0; from < items.length; from += CHUNK) {
    const outputs = evaluate(context, secretKey, items.slice(from, from + CHUNK));
    for (const output of outputs) prefixes.push(output.slice(0, width));
  }
  return buildFilter(context.group.identifier, publicKey, prefixes, falsePositiveBits);
}

/**
 * Answers one client. `quota` is how many evaluations it has left: what it asks for is blinded, so
 * the number is all that keeps it from trying a dictionary. Resolves to the number answered, which
 * the caller must have booked before it lets the answers out (`book`).
 */
export async function serveEvaluations(
  channel: Channel,
  context: OprfContext,
  keys: OprfKeyPair,
  quota: number,
  book: (evaluations: number) => Promise<void>,
  rng: Rng,
): Promise<number> {
  check(context.mode === 1, 'INVALID_PARAMETER', 'the unbalanced protocol is verifiable');
  const frames = new Frames(channel);
  const inputs = decodeHello(await frames.receive(KIND.hello, HELLO_BYTES), quota);
  await book(inputs);
  for (const n of batches(inputs)) {
    const blinded = await frames.receive(KIND.request, n * context.group.elementBytes);
    const { evaluated, proof } = blindEvaluateVerified(context, keys, blinded, rng);
    await frames.send(KIND.answer, concat(evaluated, proof));
  }
  return inputs;
}
