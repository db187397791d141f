/**
 * Runs the choices of a plan on exact values: what enters here leaves as what a mechanism chose, cell by
 * cell, and in no other way. The same values and coins give the same choices.
 *
 * Layout  choice after choice, component after component, one integer for every cell, as all vectors
 *         (analysis/block-layout.ts):
 *         top          indices of labels, the first choice first
 *         keys         how many values are shown in all, then the first of them in their order
 *         median       of each field the answer at its middle rank, at the low one, at the high one
 *         winsorised   of each field two quartiles, and Σ (cut answer − low end of the fence) with noise
 * @module
 */
import { check } from '../../base/errors.ts';
import { privateQuantile } from '../../dp/mechanism/answer-quantile.ts';
import { PartitionSelection } from '../../dp/mechanism/partition-selection.ts';
import { topCandidates } from '../../dp/mechanism/top-candidates.ts';
import { winsorisedSum } from '../../dp/mechanism/winsorised-mean.ts';
import type { ByteSource } from '../../dp/sampler/byte-source.ts';
import type { Plan } from '../plan.ts';
import type { Choice, Inside } from './choice.ts';

/** A value of a column and how many people of a cell have it. */
export type CountedKey = { readonly cell: number; readonly key: bigint; readonly people: number };

/** Exact: never outside of the process that counted. */
export type ExactValues =
  /** Of a part of a cell at part·cells + cell. */
  | { readonly kind: 'counts'; readonly counts: BigInt64Array }
  /** In the order of cells and keys. */
  | { readonly kind: 'keys'; readonly keys: readonly CountedKey[] }
  /** Of field f on a block of a cell at f·cells·blocks + cell·blocks + block. */
  | { readonly kind: 'answers'; readonly answers: BigInt64Array };

/** Nobody in any cell, and a program that answered nothing: what a fault is answered from. */
export function nothing({ choice }: Inside['choices'][number], cells: number): ExactValues {
  if (choice.kind === 'keys') return { kind: 'keys', keys: [] };
  if (choice.kind === 'top') {
    return { kind: 'counts', counts: new BigInt64Array(choice.content.parts * cells) };
  }
  const { fields, blocks } = choice.content;
  const answers = new BigInt64Array(fields.length * cells * blocks);
  fields.forEach((field, f) => {
    answers.fill(field.default, f * cells * blocks, (f + 1) * cells * blocks);
  });
  return { kind: 'answers', answers };
}

type Answering = Extract<Choice, { readonly kind: 'median' | 'winsorised' }>;

/** Three integers of each field. */
function answered(choice: Answering, answersOf: (field: number) => bigint[], bytes: ByteSource) {
  return choice.content.fields.flatMap(({ min, max }, f): bigint[] => {
    const given = { answers: answersOf(f), min, max };
    if (choice.kind === 'winsorised') {
      const { quartiles, sum } = winsorisedSum(given, choice, bytes);
      return [...quartiles, sum];
    }
    const ranks = choice.ranks[f] ?? [];
    return ranks.map((rank) => privateQuantile(given, rank, choice.epsilon, bytes));
  });
}

type OfCell = (cell: number) => readonly bigint[];

function choosing(choice: Choice, exact: ExactValues, cells: number, bytes: ByteSource): OfCell {
  if (choice.kind === 'top') {
    check(exact.kind === 'counts', 'INTERNAL', 'counts of a choice');
    return (cell) => {
      const parts = Array.from({ length: choice.content.parts }, (_, part) => part);
      const scores = parts.map((part) => exact.counts[part * cells + cell] ?? 0n);
      return topCandidates({ ...choice, scores }, bytes).map(BigInt);
    };
  }
  if (choice.kind === 'keys') {
    check(exact.kind === 'keys', 'INTERNAL', 'keys of a choice');
    const law = new PartitionSelection({ ...choice, l0: 1 });
    const shown = exact.keys.filter(({ people }) => law.shows(people, bytes));
    const byCell = new Map<number, bigint[]>();
    for (const { cell, key } of shown) {
      const own = byCell.get(cell) ?? [];
      own.push(key);
      byCell.set(cell, own);
    }
    return (cell) => {
      const own = byCell.get(cell) ?? [];
      return [BigInt(own.length), ...own.slice(0, choice.most)];
    };
  }
  check(exact.kind === 'answers', 'INTERNAL', 'answers of a choice');
  const { blocks } = choice.content;
  return (cell) =>
    answered(
      choice,
      (field) => {
        const from = (field * cells + cell) * blocks;
        return [...exact.answers.subarray(from, from + blocks)];
      },
      bytes,
    );
}

/** `exact` has the values of each choice of the plan. */
export function chosenVector(
  { inside, cells, values }: Pick<Plan, 'inside' | 'cells' | 'values'>,
  exact: readonly ExactValues[],
  bytes: ByteSource,
): BigInt64Array {
  check(inside?.choices.length === exact.length, 'INTERNAL', 'values of other choices');
  const vector = new BigInt64Array(values);
  let start = 0;
  inside.choices.forEach(({ choice, components }, i) => {
    const own = exact[i];
    check(own !== undefined, 'INTERNAL', 'a choice without values');
    const ofCell = choosing(choice, own, cells, bytes);
    for (let cell = 0; cell < cells; cell += 1) {
      ofCell(cell).forEach((value, component) => {
        vector[start + component * cells + cell] = value;
      });
    }
    start += components * cells;
  });
  return vector;
}
