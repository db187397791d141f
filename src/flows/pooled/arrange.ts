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
import { measureNames } from '../../cohort/blocks.ts';
import type { Plan } from '../../cohort/plan.ts';

type Item = { readonly group: Group; readonly measure: string };

/** A group as its axes and what is none of them: the bin of a histogram, the arm of a curve. */
function divided(group: Group, axes: ReadonlySet<string>): { base: Group; extra: Group } {
  const members = Object.entries(group);
  return {
    base: Object.fromEntries(members.filter(([name]) => axes.has(name))),
    extra: Object.fromEntries(members.filter(([name]) => !axes.has(name))),
  };
}

/**
 * What `tables`, a release with measures called `names`, has for `plan`, by the names of the
 * plan: measures correspond by position. Items without their group are left out.
 */
export function arranged(
  plan: Plan,
  groupBy: readonly string[],
  tables: ReleaseTables,
  names: readonly string[] = measureNames(plan),
): ReleaseTables {
  const groups = [
    ...(plan.split ? slotsInOrder(plan, groupBy) : []),
    ...pooledInOrder(plan, groupBy),
  ].map(({ group }) => group);
  const axes = new Set(groups.flatMap((group) => Object.keys(group)).concat('holder'));

  const inOrder = <T extends Item>(items: readonly T[]): T[] => {
    const found = new Map<string, { readonly item: T; readonly extra: Group }[]>();
    for (const item of items) {
      const { base, extra } = divided(item.group, axes);
      const key = canonicalJson([item.measure, base]);
      found.set(key, [...(found.get(key) ?? []), { item, extra }]);
    }
    return measureNames(plan).flatMap((name, i) =>
      groups.flatMap((group) =>
        (found.get(canonicalJson([names[i] ?? '', group])) ?? []).map(({ item, extra }) => ({
          ...item,
          group: { ...group, ...extra },
          measure: name,
        })),
      ),
    );
  };
  return {
    cells: inOrder(tables.cells),
    curves: inOrder(tables.curves),
    incidences: inOrder(tables.incidences),
    estimates: inOrder(tables.estimates),
    tests: inOrder(tables.tests),
    disclosure: { ...tables.disclosure, hidden: inOrder(tables.disclosure.hidden) },
  };
}
