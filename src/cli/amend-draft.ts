/** The changes that `kakehashi study amend` puts into a draft; what they may be is study/amendment.ts's to say. @module */
import type { Json } from '../base/canonical-json.ts';
import { check } from '../base/errors.ts';
import type { PublicKeyText } from '../base/sign.ts';

type Pairs = ReadonlyMap<string, string>;

export type DraftChanges = {
  readonly addAnalyst?: Pairs;
  readonly removeAnalyst?: readonly string[];
  readonly addSteward?: Pairs;
  readonly removeSteward?: Pairs;
  readonly need?: Pairs;
  readonly budget?: Pairs;
  readonly expires?: string;
  readonly minimumCell?: number;
  readonly addOperation?: readonly string[];
  readonly removeOperation?: readonly string[];
};

/** The members that are changed here, of a draft that was read before. */
type Draft = {
  readonly holders: readonly {
    readonly name: string;
    readonly stewards: { readonly need: number; readonly keys: readonly PublicKeyText[] };
  }[];
  readonly analysts: readonly { readonly name: string; readonly key: PublicKeyText }[];
  readonly operations: readonly string[];
  readonly budget: Readonly<Record<string, { readonly rho: string; readonly delta: string }>>;
};

const keysIn = (pairs: Pairs | undefined, name: string): string[] =>
  pairs?.get(name)?.split(',') ?? [];

function stewards(draft: Draft, { addSteward, removeSteward, need }: DraftChanges) {
  return draft.holders.map((holder) => {
    const { name } = holder;
    const gone = keysIn(removeSteward, name);
    const unknown = gone.find((key) => !holder.stewards.keys.includes(key));
    check(unknown === undefined, 'USAGE', `${unknown ?? ''} is no steward of ${name}`);
    const keys = holder.stewards.keys.filter((key) => !gone.includes(key));
    const asked = need?.get(name);
    return {
      ...holder,
      stewards: {
        need: asked === undefined ? holder.stewards.need : Number(asked),
        keys: [...keys, ...keysIn(addSteward, name)],
      },
    };
  });
}

function analysts({ analysts: before }: Draft, { addAnalyst, removeAnalyst = [] }: DraftChanges) {
  const unknown = removeAnalyst.find((name) => !before.some((one) => one.name === name));
  check(unknown === undefined, 'USAGE', `${unknown ?? ''} is no analyst of the study`);
  const added = addAnalyst ?? new Map<string, string>();
  return [
    ...before
      .filter(({ name }) => !removeAnalyst.includes(name))
      .map(({ name, key }) => ({ name, key: added.get(name) ?? key })),
    ...[...added]
      .filter(([name]) => !before.some((one) => one.name === name))
      .map(([name, key]) => ({ name, key })),
  ];
}

/** `rho` alone leaves delta as it is. */
function budgets({ budget: before }: Draft, { budget }: DraftChanges) {
  const changed = Object.entries(before).map(([name, amount]) => {
    const [rho = amount.rho, delta = amount.delta] = keysIn(budget, name);
    return [name, { rho, delta }] as const;
  });
  return Object.fromEntries(changed);
}

function checkNames(draft: Draft, changes: DraftChanges): void {
  const names = draft.holders.map(({ name }) => name);
  const { addSteward, removeSteward, need, budget } = changes;
  for (const pairs of [addSteward, removeSteward, need, budget]) {
    for (const name of pairs?.keys() ?? [])
      check(names.includes(name), 'USAGE', `${name} is no holder of the study`);
  }
}

export function amendedDraft(json: Json, changes: DraftChanges): Json {
  const draft = json as unknown as Draft;
  checkNames(draft, changes);
  const { expires, minimumCell, addOperation = [], removeOperation = [] } = changes;
  const operations = draft.operations.filter((one) => !removeOperation.includes(one));
  return {
    ...(json as object),
    ...(expires !== undefined && { expires }),
    ...(minimumCell !== undefined && { minimumCell }),
    holders: stewards(draft, changes),
    analysts: analysts(draft, changes),
    operations: [...operations, ...addOperation],
    budget: budgets(draft, changes),
  };
}
