/**
 * One session of `kakehashi psi` as one of the two parties sees it: greeting, choice of the protocol,
 * protocol. The left party receives; the right one owns the columns of a sum.
 *
 * In the greeting the parties tell each other how many distinct identifiers they have, which every
 * protocol here tells anyhow; with an empty list on either side nothing else is sent. Semi-honest like the
 * protocols: their leakage is at the heads of psi/vole/receiver.ts, psi/ecdh/receiver.ts, psi/pairs.ts
 * and psi/sum/receiver.ts.
 * @module
 */
import type { ThreadedBatches } from '../base/batches.ts';
import { check, Refusal } from '../base/errors.ts';
import type { Rng } from '../base/rng.ts';
import type { Channel } from '../psi/channel.ts';
import { receiveCardinality, receiveIntersection } from '../psi/ecdh/receiver.ts';
import { sendItems } from '../psi/ecdh/sender.ts';
import { Frames } from '../psi/frames.ts';
import { hearMatches, tellMatches } from '../psi/pairs.ts';
import type { AdditiveScheme } from '../psi/sum/additive.ts';
import { receiveSums } from '../psi/sum/receiver.ts';
import { sendSums } from '../psi/sum/sender.ts';
import { voleReceive } from '../psi/vole/receiver.ts';
import { voleSend } from '../psi/vole/sender.ts';
import { inOneThread } from '../psi/vole/vole-batches.ts';
import {
  OUTPUTS,
  type PsiProtocol,
  type PsiSide,
  type SessionAnswer,
  type SessionRequest,
  SIDES,
  WISHES,
} from './psi-request.ts';
import { MOST_ROWS, type PsiTable } from './psi-table.ts';

/** From this many identifiers on both sides together VOLE-PSI is the faster one (bench psi/vole, psi/ecdh). */
const VOLE_FROM = 4000;
const VERSION = 1;
const GREETING = 0x48;
/** version, side, output, wish, items */
const GREETING_BYTES = 8;

function greetingOf({ side, output, protocol }: SessionRequest, items: number): Uint8Array {
  const body = new Uint8Array(GREETING_BYTES);
  body.set([VERSION, SIDES.indexOf(side), OUTPUTS.indexOf(output), WISHES.indexOf(protocol)]);
  new DataView(body.buffer).setUint32(4, items, true);
  return body;
}

/** How many items the peer has. */
async function greet(channel: Channel, request: SessionRequest, items: number): Promise<number> {
  const frames = new Frames(channel);
  const own = greetingOf(request, items);
  await frames.send(GREETING, own);
  const theirs = await frames.receive(GREETING, GREETING_BYTES);
  const [version = 0, side, output, wish] = theirs;
  if (version !== VERSION)
    throw new Refusal('UNSUPPORTED_VERSION', 'psi', { asked: version, served: [VERSION] });
  const agreed = side === 1 - (own[1] ?? 0) && output === own[2] && wish === own[3];
  check(agreed, 'PROTOCOL_STATE', 'the other party runs another session');
  const count = new DataView(theirs.buffer).getUint32(4, true);
  check(count <= MOST_ROWS, 'MALFORMED_MESSAGE', `${count} items announced`);
  return count;
}

function protocolOf({ output, protocol }: SessionRequest, items: number): PsiProtocol {
  if (output !== 'set') return 'ecdh';
  if (protocol !== 'auto') return protocol;
  return items >= VOLE_FROM ? 'vole' : 'ecdh';
}

type Parts = {
  readonly channel: Channel;
  readonly table: PsiTable;
  readonly side: PsiSide;
  readonly peerLimit: number;
  readonly rng: Rng;
  readonly batches: ThreadedBatches;
};

/** Positions of the matches, in the order of the left party's list. */
async function matchesOf(protocol: PsiProtocol, parts: Parts): Promise<Uint32Array> {
  const { channel, table, side, peerLimit, rng, batches } = parts;
  const { ids, hashes } = table;
  const options = { rng, peerLimit, batches };
  if (side === 'right') {
    if (protocol === 'vole') await voleSend(ids, channel, options);
    else await sendItems(channel, hashes, { output: 'set', peerLimit, rng });
    return hearMatches(channel, hashes);
  }
  const matches =
    protocol === 'vole'
      ? (await voleReceive(ids, channel, options)).matches
      : await receiveIntersection(channel, hashes, { peerLimit, rng });
  await tellMatches(channel, hashes, matches);
  return matches;
}

async function cardinalityOf({ channel, table, side, peerLimit, rng }: Parts): Promise<object> {
  const { hashes } = table;
  if (side === 'left')
    return { cardinality: await receiveCardinality(channel, hashes, { peerLimit, rng }) };
  await sendItems(channel, hashes, { output: 'cardinality', peerLimit, rng });
  return {};
}

async function sumsOf(scheme: AdditiveScheme, parts: Parts): Promise<object> {
  const { channel, table, side, peerLimit, rng } = parts;
  if (side === 'left') return receiveSums(channel, table.hashes, { scheme, rng });
  await sendSums(channel, table.hashes, table.values, { scheme, peerLimit, rng });
  return {};
}

/**
 * Runs the session; `batches` are the threads of VOLE-PSI. The channel stays the caller's, who closes it when this
 * rejects.
 */
export async function runSession(
  channel: Channel,
  table: PsiTable,
  request: SessionRequest,
  scheme: AdditiveScheme,
  rng: Rng,
  batches: ThreadedBatches = inOneThread,
): Promise<SessionAnswer> {
  const { side, output } = request;
  const own = table.ids.length;
  const peerLimit = await greet(channel, request, own);
  const protocol = protocolOf(request, own + peerLimit);
  if (own === 0 || peerLimit === 0) {
    if (output === 'set') return { protocol, rows: new Uint32Array(0) };
    return side === 'left' ? { protocol, cardinality: 0, sums: [] } : { protocol };
  }
  const parts = { channel, table, side, peerLimit, rng, batches };
  if (output === 'cardinality') return { protocol, ...(await cardinalityOf(parts)) };
  if (output === 'sum') return { protocol, ...(await sumsOf(scheme, parts)) };
  const matches = await matchesOf(protocol, parts);
  return { protocol, rows: matches.map((i) => table.places[i] ?? 0) };
}
