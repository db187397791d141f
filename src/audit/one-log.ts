/**
 * Whether checkpoints that were seen at different times and places are of one log.
 *
 * Two roots of one size are a fork, whoever signed them. Different sizes are joined by the entries
 * themselves or by a consistency proof, and by nothing else.
 * @module
 */
import { type Static, Type } from 'typebox';
import { fromHex, toHex } from '../base/bytes.ts';
import type { Json } from '../base/canonical-json.ts';
import { check, Refusal } from '../base/errors.ts';
import { shapeErrors } from '../base/input.ts';
import type { Checkpoint } from './checkpoint.ts';
import { verifyConsistency } from './consistency.ts';
import { DigestText } from './entry.ts';
import { PathText } from './log-proof.ts';
import type { MerkleTree } from './tree.ts';

export const CONSISTENCY_FORMAT = 'kakehashi/consistency/1' as const;

export const ConsistencyShape = Type.Object(
  {
    format: Type.Literal(CONSISTENCY_FORMAT),
    study: DigestText,
    first: Type.Integer({ minimum: 0 }),
    second: Type.Integer({ minimum: 0 }),
    path: PathText,
  },
  { additionalProperties: false },
);

/** A proof between two sizes; the roots are those of the checkpoints it joins. */
export type Consistency = Static<typeof ConsistencyShape>;

export function readConsistency(json: Json): Consistency {
  const errors = shapeErrors(ConsistencyShape, json);
  check(errors.length === 0, 'MALFORMED_MESSAGE', `consistency ${errors[0]?.pointer ?? ''}`);
  return json as unknown as Consistency;
}

export type Seen = { readonly source: string; readonly checkpoint: Checkpoint };

/** What there is besides the checkpoints of one study. */
export type Joins = {
  readonly logs: readonly MerkleTree[];
  readonly proofs: readonly Consistency[];
};

/** Two checkpoints between which nothing was shown. */
export type Gap = { readonly first: number; readonly second: number };

const fork = (a: Seen, b: Seen, cause?: unknown): Refusal =>
  new Refusal(
    'LOG_FORKED',
    `${a.source} at ${a.checkpoint.size} and ${b.source} at ${b.checkpoint.size}`,
    undefined,
    { cause },
  );

const state = ({ size, root }: Checkpoint) => ({ size, root: fromHex(root) });

/**
 * Refuses with LOG_FORKED checkpoints of one study that are not of one log. Gives the gaps, where
 * nothing shows that they are.
 */
export function joinCheckpoints(seen: readonly Seen[], { logs, proofs }: Joins): Gap[] {
  const ordered = [...seen].sort((a, b) => a.checkpoint.size - b.checkpoint.size);
  for (const one of ordered) {
    const { size, root } = one.checkpoint;
    const known = logs.find((tree) => tree.size >= size);
    if (known !== undefined && toHex(known.root(size)) !== root) {
      throw fork(one, { source: 'the log', checkpoint: one.checkpoint });
    }
  }
  const gaps: Gap[] = [];
  ordered.slice(1).forEach((second, index) => {
    const first = ordered[index];
    if (first === undefined) return;
    const [a, b] = [first.checkpoint, second.checkpoint];
    if (a.size === b.size) {
      if (a.root !== b.root) throw fork(first, second);
      return;
    }
    if (logs.some((tree) => tree.size >= b.size)) return;
    const given = proofs.filter((one) => one.first === a.size && one.second === b.size);
    if (given.length === 0) gaps.push({ first: a.size, second: b.size });
    for (const { path } of given) {
      try {
        verifyConsistency(state(a), state(b), path.map(fromHex));
      } catch (cause) {
        throw fork(first, second, cause);
      }
    }
  });
  return gaps;
}
