/**
 * The cells, curves and tests of a release in the order of a query: measure by measure, by holder
 * first, pooled after, along the axes as they were asked for. Also the way from one release to
 * another that it answers (rulings 8 and 9): the same measures under other names, the same axes
 * in another order, or pooled cells only.
 * @module
 */
import { canonicalJson } from '../../base/canonical-json.ts';
import type { Group, ReleaseTables } from '../../analysis/release-table.ts';
import { pooledInOrder, slotsInOrder } from '../../cohort/cells.ts';
import type { Plan } from '../../cohort/plan.ts';

type Item = { readonly group: Group; readonly measure: string };

/**
 * What `tables`, a release with measures called `names`, has for `plan`, by the names of the
 * plan: measures correspond by position. Items without their group are left out.
 */
export function arranged(
  plan: Plan,
  groupBy: readonly string[],
  tables: ReleaseTables,
  names: readonly string[] = plan.measures.map(({ name }) => name),
): ReleaseTables {
  const groups = [
    ...(plan.split ? slotsInOrder(plan, groupBy) : []),
    ...pooledInOrder(plan, groupBy),
  ].map(({ group }) => group);
  const axes = new Set(groups.flatMap((group) => Object.keys(group)).concat('holder'));
  /** Members of a group that are no axes: the bin of a histogram, the arm of a curve. */
  const [base, extra] = [true, false].map(
    (wanted) =>
      (group: Group): Group =>
        Object.fromEntries(Object.entries(group).filter(([name]) => axes.has(name) === wanted)),
  ) as [(group: Group) => Group, (group: Group) => Group];

  const inOrder = <T extends Item>(items: readonly T[]): T[] => {
    const found = new Map<string, T[]>();
    for (const item of items) {
      const key = canonicalJson([item.measure, base(item.group)]);
      found.set(key, [...(found.get(key) ?? []), item]);
    }
    return plan.measures.flatMap(({ name }, i) =>
      groups.flatMap((group) =>
        (found.get(canonicalJson([names[i] ?? '', group])) ?? []).map((item) => ({
          ...item,
          group: { ...group, ...extra(item.group) },
          measure: name,
        })),
      ),
    );
  };
  return {
    cells: inOrder(tables.cells),
    curves: inOrder(tables.curves),
    tests: inOrder(tables.tests),
  };
}
