/**
 * The two holders' parts between reservation and vector. Each is a function of its own rows, of messages over the
 * channels of this run, and of the noise of its own ticket.
 * @module
 */
import { refuseAs } from '../../base/errors.ts';
import type { Channel } from '../../psi/channel.ts';
import { EVERYONE, SANDBOX } from '../frame.ts';
import { keepVector, keptVector } from '../pooled/kept-vector.ts';
import type { ReservedRun } from '../pooled/reserve.ts';
import { decodeVector, encodeVector } from '../pooled/vector.ts';
import { receiveAlignment, receiveSeed } from './align.ts';
import { answer, openAnswers } from './answer.ts';
import { begin, checkAnswered, incomplete, markAnswered } from './begin.ts';
import { checkDisclosed, disclose } from './disclose.ts';
import { checkMaskOfGroups, checkMaskOfValues } from './check.ts';
import { linkedPlan, linkOf } from './plan.ts';
import type { LinkedPorts, LinkedRun } from './ports.ts';
import { RunKey } from './run-key.ts';
import { framed } from './records.ts';
import { sealedRecords } from './sealed-records.ts';
import { listGroups, listValues } from './tokens.ts';

const linkedRun = ({ run, plan, ticket }: ReservedRun): LinkedRun => ({
  run,
  plan: linkedPlan(plan),
  ticket,
});

type Channels = {
  readonly peer: Channel;
  readonly sandbox: Channel;
  /** Resolves once everything for the other holder has left. */
  readonly flush: () => Promise<void>;
};

/** Both channels of this run; the other holder's is sealed by the pair's key. */
async function withChannels<T>(
  reserved: ReservedRun,
  peerName: string,
  ports: LinkedPorts,
  work: (channels: Channels) => Promise<T>,
): Promise<T> {
  const key = reserved.maskKeys.get(peerName);
  if (key === undefined) throw incomplete();
  const { study, run } = reserved;
  const context = { study, run, flow: reserved.key.flow };
  const carrier = ports.records(peerName);
  using sealed = sealedRecords(carrier, key, context, ports.holder, peerName);
  return await work({
    peer: framed(sealed),
    sandbox: framed(ports.records(SANDBOX)),
    flush: () => carrier.flush(),
  });
}

/** A's part: it knows the groups, opens the noised answers and shows the vector to the others. */
export async function groupsVector(
  reserved: ReservedRun,
  ports: LinkedPorts,
): Promise<BigInt64Array> {
  const { run, plan } = reserved;
  const show = (vector: BigInt64Array): Promise<void> =>
    ports.relay.send('contribution', EVERYONE, () => Promise.resolve(encodeVector(vector)));
  const kept = await keptVector(run, plan.values, ports);
  if (kept !== undefined) {
    await checkDisclosed(reserved, kept, ports);
    await show(kept);
    return kept;
  }
  if (!(await begin(run, ports))) throw incomplete();
  const { values } = linkOf(plan).holders;
  return await withChannels(reserved, values, ports, async (channels) => {
    const listed = await listGroups(linkedRun(reserved), plan, { ...ports, ...channels });
    using key = new RunKey(run, ports.rng);
    const checked = await checkMaskOfGroups(await receiveSeed(listed), key, ports.rng);
    const vector = await openAnswers(checked, ports.noise);
    await keepVector(run, vector, ports);
    await show(vector);
    await disclose(reserved, 'first', listed.keys, vector, channels, ports);
    return vector;
  });
}

/** B's part: it knows the values and multiplies; the vector comes from A. */
export async function valuesVector(
  reserved: ReservedRun,
  ports: LinkedPorts,
): Promise<BigInt64Array> {
  const { run, plan } = reserved;
  const kept = await keptVector(run, plan.values, ports);
  if (kept !== undefined) {
    await checkDisclosed(reserved, kept, ports);
    return kept;
  }
  const { groups } = linkOf(plan).holders;
  const vectorOfA = async (): Promise<BigInt64Array> => {
    const vector = readVector(await ports.relay.receive('contribution', groups), plan.values);
    await keepVector(run, vector, ports);
    return vector;
  };
  if (!(await begin(run, ports))) {
    await checkAnswered(run, ports);
    const vector = await vectorOfA();
    await checkDisclosed(reserved, vector, ports);
    return vector;
  }
  return await withChannels(reserved, groups, ports, async (channels) => {
    const listed = await listValues(linkedRun(reserved), plan, { ...ports, ...channels });
    const checked = await checkMaskOfValues(await receiveAlignment(listed), ports.rng);
    await answer(checked, ports.noise, ports.rng);
    await channels.flush();
    await markAnswered(run, ports);
    const vector = await vectorOfA();
    await disclose(reserved, 'second', listed.keys, vector, channels, ports);
    return vector;
  });
}

/** What A shows. */
export const readVector = (body: Uint8Array, values: number): BigInt64Array =>
  refuseAs('MALFORMED_MESSAGE', 'linked vector', () => decodeVector(body, values));
