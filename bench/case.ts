/**
 * What a benchmark case is. The runner calls `check` once for each size before it times anything:
 * a fast wrong answer is not a result. Inputs are fixed, so that two runs differ by the machine only.
 * @module
 */

export type Unit = 's' | 'ms' | 'us';

/** A ratio inside one process; absolute times are published, never gated. */
export type Gate = {
  readonly contender: string;
  readonly against: string;
  /** How many times as fast `contender` must be. */
  readonly atLeast: number;
};

export type CaseOf<Input> = {
  /** A path such as `kernel/ntt`. */
  readonly name: string;
  /** What one call does from the start of the timer to its end, and what a size is: one sentence. */
  readonly timed: string;
  /** Default sizes; `--sizes` replaces them. */
  readonly sizes: readonly number[];
  /** Sizes that only `--full` adds: minutes each. */
  readonly fullSizes?: readonly number[];
  readonly unit: Unit;
  readonly setup: (size: number) => Input | Promise<Input>;
  readonly check: (input: Input) => void | Promise<void>;
  /** The first one is ours; the others are its peers. Each call does the whole job once. */
  readonly contenders: Readonly<Record<string, (input: Input) => unknown>>;
  /** More contenders, where `setup` found what they need: a peer that is installed on demand. */
  readonly peers?: (input: Input) => Readonly<Record<string, (input: Input) => unknown>>;
  /** What one item costs on the wire, both directions. Called after timing. */
  readonly bytesPerItem?: (input: Input) => number;
  readonly teardown?: (input: Input) => void | Promise<void>;
  readonly gate?: Gate;
};

/** One size of a case, ready to run. The type of its input stays inside. */
export type Prepared = {
  readonly check: () => void | Promise<void>;
  readonly contenders: ReadonlyMap<string, () => unknown>;
  readonly bytesPerItem: () => number | null;
  readonly teardown: () => void | Promise<void>;
};

export type BenchCase = {
  readonly name: string;
  readonly timed: string;
  readonly sizes: readonly number[];
  readonly fullSizes: readonly number[];
  readonly unit: Unit;
  readonly gate: Gate | undefined;
  readonly prepare: (size: number) => Promise<Prepared>;
};

export function defineCase<Input>(definition: CaseOf<Input>): BenchCase {
  const { name, timed, sizes, fullSizes, unit, gate } = definition;
  const { setup, check, contenders, peers, bytesPerItem, teardown } = definition;
  return {
    name,
    timed,
    sizes,
    fullSizes: fullSizes ?? [],
    unit,
    gate,
    prepare: async (size) => {
      const input = await setup(size);
      return {
        check: () => check(input),
        contenders: new Map(
          Object.entries({ ...contenders, ...peers?.(input) }).map(([contender, run]) => [
            contender,
            () => run(input),
          ]),
        ),
        bytesPerItem: () => bytesPerItem?.(input) ?? null,
        teardown: () => teardown?.(input),
      };
    },
  };
}
