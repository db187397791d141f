/** Disclosures by agreement over several runs: ids in two studies, and the bytes that travel whatever matches. */
import { deepStrictEqual, equal, notDeepStrictEqual } from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { DisclosedPeople } from '../../../src/flows/linked/disclosed.ts';
import { keyOf, LinkedLab } from '../../support/linked-lab.ts';
import { cohorts } from './cohorts.ts';
import { both, disclosed, pieces } from './disclosing.ts';

describe('what two holders of 300 people are told', () => {
  test('ids: the same for the same person, again in a later run, others in another study', async () => {
    const idsOf = (people: DisclosedPeople): Map<string, string> => {
      const ids = pieces(people.ids);
      return new Map(pieces(people.keys).map((key, i) => [key, ids[i] ?? '']));
    };
    using lab = await LinkedLab.open();
    const [one, two] = (await (await disclosed(lab, 'ids')).told()).map(idsOf);
    deepStrictEqual([one?.size, two?.size], [300, 300]);
    const shared = [...(one ?? [])].filter(([key, id]) => two?.get(key) === id);
    deepStrictEqual(shared.map(([key]) => key).sort(), [...both].sort());
    equal(new Set([...(one?.values() ?? []), ...(two?.values() ?? [])]).size, 450);

    // Another study of the same holders: unlinkable, though every person has the same key here.
    using other = await LinkedLab.open({ rho: '1/9' });
    const [later] = (await (await disclosed(lab, 'ids')).told()).map(idsOf);
    deepStrictEqual(later, one);
    const [elsewhere] = (await (await disclosed(other, 'ids')).told()).map(idsOf);
    const common = [...(elsewhere?.values() ?? [])].filter((id) =>
      [...(one?.values() ?? [])].includes(id),
    );
    deepStrictEqual(common, []);
    notDeepStrictEqual(lab.study.id, other.study.id);
  });

  test('the wire has the same bytes for no overlap and for a full one', async () => {
    for (const output of ['set', 'cardinality']) {
      const sizes = [];
      for (const shift of [0, 300]) {
        using lab = await LinkedLab.open();
        const { groups, values } = cohorts();
        const keys = groups.keys.map((_, i) => keyOf(shift + i));
        const others = values.keys.map((_, i) => keyOf(i));
        const people = { groups: { ...groups, keys }, values: { ...values, keys: others } };
        const { told: tell } = await disclosed(lab, output, people);
        equal((await tell())[0].count, shift === 0 ? 300 : 0);
        sizes.push(lab.bytes);
      }
      equal(sizes[0], sizes[1], output);
    }
  });
});
