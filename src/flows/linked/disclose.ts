/**
 * Step 5b, where the study agreed to it: the two holders find out more about who is in both, between themselves, over the
 * sealed records of the run. Nothing of it goes to the sandbox or the analyst.
 *
 *     set           VOLE-PSI (psi/vole), then tags of the matches back: both know which of their rows matched
 *     cardinality   ECDH-PSI with a shuffled answer (psi/ecdh), then the number back: neither knows who
 *     ids           a VOPRF in each direction (psi/oprf/universal-ids.ts) under keys of this study
 *
 * Lists      padded to the public length of the plan and shuffled afresh; a key that two people of a list share is nobody's.
 * Minimum    nothing is said where the released count is below the study's minimum. That count has the noise of both
 *            holders and was charged; both see the same, so both go on or neither does (rulings 28).
 * Adversary  holders semi-honest. The sandbox sees records of public classes of length, in a number that follows from the plan.
 * Booked     in both ledgers, with the reservation, before data is touched: a run that is lost half way counts as one
 *            that disclosed. Like everything between `begin` and the end of the channels it is attempted once.
 * Price      none is finite (rulings 21).
 * @module
 */
import { asRefusal, check, type ErrorCode, Refusal } from '../../base/errors.ts';
import type { ThreadedBatches } from '../../base/batches.ts';
import type { Rng } from '../../base/rng.ts';
import type { Secret } from '../../base/secret.ts';
import type { Disclosed as Output } from '../../cohort/linked/disclosure.ts';
import type { Plan } from '../../cohort/plan.ts';
import type { Channel } from '../../psi/channel.ts';
import { receiveCardinality } from '../../psi/ecdh/receiver.ts';
import { sendItems } from '../../psi/ecdh/sender.ts';
import { Frames } from '../../psi/frames.ts';
import { hashIdentifiers } from '../../psi/items.ts';
import { oprfContext } from '../../psi/oprf/group.ts';
import { studyKeyPair } from '../../psi/oprf/pseudonym.ts';
import { ristretto255Sha512 } from '../../psi/oprf/ristretto255-sha512.ts';
import { universalIds } from '../../psi/oprf/universal-ids.ts';
import { hearMatches, tellMatches } from '../../psi/pairs.ts';
import { type PaddedList, paddedList } from '../../psi/tokens/padded-list.ts';
import { voleReceive } from '../../psi/vole/receiver.ts';
import { voleSend } from '../../psi/vole/sender.ts';
import { utf8 } from '../../base/bytes.ts';
import type { CompiledRun } from '../pooled/compile-run.ts';
import { incomplete } from './begin.ts';
import {
  DISCLOSED_STEP,
  type DisclosedPeople,
  disclosedLabel,
  encodeDisclosed,
  ID_BYTES,
  KEY_BYTES,
} from './disclosed.ts';
import type { Keys, LinkedPorts } from './ports.ts';
import { KIND } from './wire.ts';

/** Of the two holders, the one that receives. */
export type Role = 'first' | 'second';

type Session = {
  readonly role: Role;
  readonly list: PaddedList;
  readonly keys: Keys;
  readonly channel: Channel;
  readonly rng: Rng;
  readonly batches: ThreadedBatches;
  /** Of this study and holder. */
  readonly seed: Secret;
  readonly study: string;
};

const NONE = new Uint8Array(0);

/** The keys of the people at these positions, in their order. */
function keysAt({ list, keys }: Session, positions: Iterable<number>): Uint8Array {
  const found = [...positions].map((at) => keys[list.people[at] ?? -1]);
  const out = new Uint8Array(found.length * KEY_BYTES);
  found.forEach((key, i) => {
    check(key?.length === KEY_BYTES, 'MALFORMED_MESSAGE', 'a match of no person');
    out.set(key, i * KEY_BYTES);
  });
  return out;
}

async function discloseSet(session: Session): Promise<DisclosedPeople> {
  const { role, list, channel, rng, batches } = session;
  const { ids } = list;
  const options = { rng, peerLimit: ids.length, batches };
  const items = hashIdentifiers(ids);
  let positions: Uint32Array;
  if (role === 'first') {
    const { matches } = await voleReceive(ids, channel, options);
    positions = matches;
    await tellMatches(channel, items, matches, ids.length);
  } else {
    await voleSend(ids, channel, options);
    positions = await hearMatches(channel, items, ids.length);
  }
  return { output: 'set', count: positions.length, keys: keysAt(session, positions), ids: NONE };
}

async function discloseCardinality(session: Session): Promise<DisclosedPeople> {
  const { role, list, channel, rng } = session;
  const items = hashIdentifiers(list.ids);
  const peerLimit = list.ids.length;
  const word = new Uint8Array(4);
  const view = new DataView(word.buffer);
  let count: number;
  if (role === 'first') {
    count = await receiveCardinality(channel, items, { peerLimit, rng });
    view.setUint32(0, count, true);
    await new Frames(channel).send(KIND.count, word);
  } else {
    await sendItems(channel, items, { output: 'cardinality', peerLimit, rng });
    word.set(await new Frames(channel).receive(KIND.count, word.length));
    count = view.getUint32(0, true);
    check(count <= peerLimit, 'MALFORMED_MESSAGE', `${count} people in both`);
  }
  return { output: 'cardinality', count, keys: NONE, ids: NONE };
}

async function discloseIds(session: Session): Promise<DisclosedPeople> {
  const { role, list, channel, rng, seed, study } = session;
  const context = oprfContext(ristretto255Sha512(), 1);
  const keys = studyKeyPair(context, seed, study);
  using _key = keys.secretKey;
  const inputs = list.ids.map(utf8);
  const all = await universalIds(role, inputs, channel, { context, keys, rng });
  const people = [...list.people.keys()].filter((at) => (list.people[at] ?? -1) >= 0);
  const ids = new Uint8Array(people.length * ID_BYTES);
  people.forEach((at, i) => {
    ids.set(all.subarray(at * ID_BYTES, (at + 1) * ID_BYTES), i * ID_BYTES);
  });
  return { output: 'ids', count: undefined, keys: keysAt(session, people), ids };
}

const PROTOCOLS: Readonly<Record<Output, (session: Session) => Promise<DisclosedPeople>>> = {
  set: discloseSet,
  cardinality: discloseCardinality,
  ids: discloseIds,
};

/** What is to be disclosed once the released count is known; undefined for nothing. */
function disclosureDue(
  { link, minimumCell }: Pick<Plan, 'link' | 'minimumCell'>,
  [count = 0n]: BigInt64Array,
): Output | undefined {
  if (link?.disclose === undefined || count < BigInt(minimumCell)) return undefined;
  return link.disclose.output;
}

/** Of a run whose vector was kept before: what was due has been disclosed, or the run is over. */
export async function checkDisclosed(
  { run, plan }: CompiledRun,
  vector: BigInt64Array,
  { steps }: Pick<LinkedPorts, 'steps'>,
): Promise<void> {
  if (disclosureDue(plan, vector) === undefined) return;
  await steps.once(run, DISCLOSED_STEP, () => Promise.reject(incomplete()));
}

/** Refusals that say already what becomes of the run. */
const AS_THEY_ARE: ReadonlySet<ErrorCode> = new Set([
  'RUN_ABORTED',
  'SHUTTING_DOWN',
  'STUDY_STOPPED',
  'MALFORMED_MESSAGE',
]);

/** This holder's part. `keys` are those that the run listed; durable when it returns. */
export async function disclose(
  { run, study, plan }: CompiledRun,
  role: Role,
  keys: Keys,
  vector: BigInt64Array,
  channels: { readonly peer: Channel; readonly flush: () => Promise<void> },
  ports: LinkedPorts,
): Promise<void> {
  const output = disclosureDue(plan, vector);
  const { link } = plan;
  if (output === undefined || link === undefined) return;
  const { rng, batches, vault, steps } = ports;
  try {
    const list = paddedList(keys, [], link.length, rng);
    using seed = vault.derive('study-ids/1');
    const session = { role, list, keys, channel: channels.peer, rng, batches, seed, study };
    const people = await PROTOCOLS[output](session);
    // Who has stored its answer goes on after a crash: the other holder must not wait for a rest of it.
    await channels.flush();
    await steps.once(run, DISCLOSED_STEP, () =>
      Promise.resolve(vault.lock(disclosedLabel(run), encodeDisclosed(people))),
    );
  } catch (error) {
    const refusal = asRefusal(error);
    if (AS_THEY_ARE.has(refusal.code)) throw refusal;
    throw new Refusal('RUN_INCOMPLETE', `disclosure: ${refusal.code}`, undefined, { cause: error });
  }
}
