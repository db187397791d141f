/** `kakehashi demo --case trial`: a linked query over real processes, against the join of both files. */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { test } from 'vitest';
import { type TrialSite, syntheticTrial } from '../../src/cohort/synthetic-trial.ts';
import { command } from '../support/institutions.ts';

type Release = {
  cells: {
    group: Record<string, string | null>;
    measure: string;
    value: number | null;
    noise: number | null;
  }[];
  privacy: { rho: string; linked: { disclosed: string } };
  spent: Record<string, { rho: string; delta: string }>;
  receipt: { holders: { attestation: { holder: string } }[] };
};
type Demo = { release: Release; price: { rho: string; delta: string } };

const PEOPLE = 400;

const rows = (site: TrialSite): Map<string, string[]> =>
  new Map(
    [...syntheticTrial({ site, people: PEOPLE, seed: 'demo' })].slice(1).map((line) => {
      const [participant = '', ...values] = line.trim().split(',');
      return [participant, values];
    }),
  );

test('people and mean HbA1c by arm of the people in both files', async () => {
  const argv = ['demo', '--case', 'trial', '--people', String(PEOPLE), '--json'];
  const { code, out, err } = await command(argv);
  strictEqual(code, 0, err);
  const { release, price } = JSON.parse(out) as Demo;
  const [arms, levels] = [rows('LU'), rows('JP')];
  for (const arm of ['meter', 'sensor']) {
    const own = [...arms].flatMap(([who, [at]]) => (at === arm ? [levels.get(who)] : []));
    const both = own.flatMap((values) => (values === undefined ? [] : [Number(values[0])]));
    ok(both.length > 50 && both.length < own.length, 'some are in one file only');
    const exact: Record<string, number> = {
      people: both.length,
      HbA1c: both.reduce((sum, x) => sum + x, 0) / both.length,
      'at target': both.filter((x) => x < 7).length / both.length,
    };
    for (const [measure, value] of Object.entries(exact)) {
      const cell = release.cells.find((c) => c.measure === measure && c.group['arm'] === arm);
      // 95 % half widths of normal noise: three of them are 5.9 standard deviations.
      const distance = Math.abs((cell?.value ?? Number.NaN) - value);
      ok(distance <= 3 * (cell?.noise ?? 0), `${arm} ${measure}: ${distance}`);
    }
  }
  const { privacy, spent, receipt } = release;
  strictEqual(privacy.rho, price.rho);
  const charge = { rho: price.rho, delta: price.delta };
  deepStrictEqual(spent, { jp: charge, lu: charge });
  deepStrictEqual(receipt.holders.map((one) => one.attestation.holder).sort(), ['jp', 'lu']);
  ok(privacy.linked.disclosed.includes('{sandbox, lu}'));
}, 200_000);
