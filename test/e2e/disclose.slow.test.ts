/** Set, exact number and ids between two holders inside a study, over real processes; and kill -9 in the middle. */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'vitest';
import { json } from '../support/institutions.ts';
import {
  disclosing,
  LinkedInstitutions,
  SHARED,
  sharedPeople,
} from '../support/linked-institutions.ts';

type Release = {
  release: {
    cells: { value: number }[];
    privacy: { linked: { output: string; disclosed: string } };
  };
};
type Runs = { runs: { run: string; output: string; told: boolean; count?: number }[] };
type Log = { entries: { entry: { type: string; holder?: string; discloses?: string } }[] };

/** Everything that a service has written, as text. */
const stored = (directory: string): string =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'latin1'))
    .join('');

test('what was agreed, to the two holders and to nobody else', async () => {
  const here = new LinkedInstitutions();
  await here.open();
  for (const output of ['set', 'cardinality', 'ids']) {
    const { release } = (await here.asked(disclosing(output))) as Release;
    strictEqual(release.privacy.linked.output, output);
    ok(Math.abs((release.cells[0]?.value ?? 0) - SHARED) <= 15);
    // The analyst has the noised number and who is told what, no list and no exact number.
    deepStrictEqual(Object.keys(release.privacy.linked).sort(), [
      'cardinality',
      'disclosed',
      'output',
    ]);
  }
  const [set, cardinality] = ((await here.disclosures('lu')) as Runs).runs;
  for (const name of here.names) {
    const { runs } = (await here.disclosures(name)) as Runs;
    deepStrictEqual(
      runs.map(({ output, told, count }) => [output, told, count]),
      [
        ['set', true, SHARED],
        ['cardinality', true, SHARED],
        ['ids', true, undefined],
      ],
    );
  }
  // The set: the same number for the same person at both.
  const [lu, jp] = [await here.told('lu', set?.run), await here.told('jp', set?.run)];
  deepStrictEqual([...lu.keys()].sort(), sharedPeople);
  deepStrictEqual([...lu].sort(), [...jp].sort());
  strictEqual((await here.told('lu', cardinality?.run)).size, 0);
  // Ids: of everybody, and joined they give who is in both.
  const [ofLu, ofJp] = [await here.told('lu'), await here.told('jp')];
  deepStrictEqual([ofLu.size, ofJp.size], [60, 70]);
  const joined = [...ofLu].filter(([who, id]) => ofJp.get(who) === id);
  deepStrictEqual(joined.map(([who]) => who).sort(), sharedPeople);
  strictEqual(new Set([...ofLu.values(), ...ofJp.values()]).size, 100);

  const kept = stored(here.data('sandbox')) + readFileSync(here.log('sandbox'), 'utf8');
  for (const id of ofLu.values()) ok(!kept.includes(id) && !kept.includes(raw(id)), 'an id');

  // In both ledgers and in the log of the study, as what they are.
  const out = here.at('log.json');
  const access = ['--sandbox', here.url, '--key', here.at('keys', 'ana.pem'), '--out', out];
  await json(['audit', 'export', here.study, ...access]);
  const { entries } = JSON.parse(readFileSync(out, 'utf8')) as Log;
  const booked = entries.flatMap(({ entry }) => (entry.discloses === undefined ? [] : [entry]));
  deepStrictEqual(
    booked.map(({ discloses, holder }) => `${discloses} ${holder}`).sort(),
    ['cardinality', 'ids', 'set'].flatMap((o) => [`${o} jp`, `${o} lu`]),
  );
  for (const name of here.names) {
    const { runs } = (await here.ledger(name)) as { runs: { words: string }[] };
    strictEqual(runs.filter(({ words }) => words.includes('Disclosed by agreement')).length, 3);
  }

  // One more is what the study allows, and no second.
  const last = await here.asked({ ...disclosing('set'), rho: '3/1' });
  strictEqual(last['code'], 0);
  const refused = await here.asked({ ...disclosing('set'), rho: '2/1' });
  deepStrictEqual(
    [refused['code'], refused['type']],
    [3, 'urn:kakehashi:problem:DISCLOSURES_EXHAUSTED'],
  );
}, 600_000);

const raw = (hex: string): string => Buffer.from(hex, 'hex').toString('latin1');

/** After the count is there and before, or while, the holders talk about more. */
const STEPS = ['ledger/vector', 'linked-answered', 'linked-disclosed'];
/** The holder of the groups is the first by name: it does not answer, it opens. */
const NOT_THERE = new Set(['jp linked-answered']);

describe('a holder killed in the middle', () => {
  for (const name of ['lu', 'jp'] as const) {
    for (const step of STEPS.filter((one) => !NOT_THERE.has(`${name} ${one}`))) {
      test(`${name} after ${step}`, async () => {
        const here = new LinkedInstitutions();
        const running = await here.open();
        await running[name].kill('SIGTERM');
        const doomed = await here.holder(name, step);
        const asked = here.asked(disclosing('set'));
        strictEqual(await doomed.gone, 'SIGKILL');
        await here.holder(name);
        const first = await asked;
        const { runs } = (await here.disclosures(name)) as Runs;
        strictEqual(runs.length, 1, 'booked before it is disclosed');
        if (first['code'] !== 0) {
          strictEqual(first['type'], 'urn:kakehashi:problem:RUN_INCOMPLETE');
          // The charge stands, and another run is answered.
          const again = await here.asked({ ...disclosing('set'), rho: '3/1' });
          strictEqual(again['code'], 0, JSON.stringify(again));
        }
        for (const one of here.names) {
          deepStrictEqual([...(await here.told(one)).keys()].sort(), sharedPeople);
        }
      }, 300_000);
    }
  }
});
