/** What a release says of its own privacy: pure functions of the plan, over the whole range of prices. */
import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { Json } from '../../src/base/canonical-json.ts';
import { epsilonUp, rhoOfPure } from '../../src/dp/accountant/zcdp.ts';
import { Rational } from '../../src/base/rational.ts';
import { compileQuery } from '../../src/cohort/compile.ts';
import { parseCohortSection } from '../../src/cohort/schema.ts';
import { privacyOf } from '../../src/flows/pooled/privacy.ts';
import { imageTerms, insideStudy } from '../cohort/inside-study.ts';
import { acceptedStudy, compiledRun, studyKeys, type StudyOptions } from '../support/study.ts';

const keys = studyKeys(['jp', 'lu']);
const privacy = (body: Record<string, Json>, options: StudyOptions = {}) =>
  privacyOf(compiledRun(acceptedStudy(keys, { rho: '1000000/1', ...options }), keys, body));

/** A mean of people whom two holders both have, at rho 1/50 and the price of a noised cardinality. */
const linkedPlan = (epsilon: Rational) =>
  compileQuery(
    {
      study: 'ab'.repeat(32),
      holders: ['jp', 'lu'],
      honestHolders: 1,
      cohort: parseCohortSection(
        {
          person: 'pid',
          rowsPerPerson: 1,
          cellsPerPerson: 1,
          declaredSize: { jp: 2000, lu: 3000 },
          nulls: [''],
          held: { lu: ['arm'], jp: ['hba1c'] },
          columns: {
            arm: { type: 'category', domain: ['meter', 'sensor'] },
            hba1c: { type: 'integer', min: 3, max: 20 },
          },
        },
        ['jp', 'lu'],
      ),
      operations: ['mean'],
      minimumCell: 10,
      linkage: {
        outputs: ['aggregate'],
        disclosures: 0,
        cardinality: { epsilon, delta: Rational.of(1, 10_000_000) },
      },
    },
    {
      format: 'kakehashi/linked-query/1',
      groupBy: ['arm'],
      measures: [{ name: 'm', mean: 'hba1c' }],
      rho: '1/50',
    },
  );

const MEAN = { name: 'm', mean: 'age' };
const MEDIAN = { name: 'q', quantiles: { column: 'age', at: [0.5] } };

describe('privacy of a release', () => {
  test('a pooled count: an outsider learns less, by the exact law', () => {
    const { epsilon, attacker, outsider } = privacy({ rho: '1/50' });
    equal(outsider.law, 'exact');
    ok(Number(outsider.epsilon) < Number(epsilon) / 1.3);
    ok(Number(outsider.attacker) <= Number(attacker));
    // A colluder knows all noise but one share, as everybody does of a part by holder.
    equal(attacker, privacy({ rho: '1/50', groupBy: ['holder'] }).attacker);
    // Below the bound by rho as well.
    const bound = epsilonUp(Rational.parse(outsider.rho), Rational.of(1, 1_000_000));
    ok(Number(outsider.epsilon) < Number(bound));
  });

  test('by holder an outsider sees what a colluding holder sees', () => {
    const { attacker, outsider } = privacy({ groupBy: ['holder'], rho: '1/50' });
    equal(outsider.rho, '1/50');
    equal(outsider.attacker, attacker);
  });

  test('trees, means, models and what stands beside them: by the law, below the bound by rho', () => {
    const LINEAR = {
      name: 'l',
      linear: { outcome: 'age', on: [{ name: 'f', when: { column: 'sex', eq: 'F' } }] },
    };
    const VARIANCE = { name: 'v', variance: 'age' };
    for (const measures of [[MEDIAN], [MEAN], [VARIANCE], [LINEAR], [MEAN, MEDIAN, LINEAR]]) {
      const { outsider, attacker } = privacy({ measures, rho: '1/200' });
      equal(outsider.law, 'exact', JSON.stringify(measures));
      const rho = Rational.parse(outsider.rho);
      // Half of what is charged: neither holder's noise is known.
      ok(Math.abs(rho.toNumber() - 1 / 400) < 1e-9, outsider.rho);
      ok(Number(outsider.epsilon) < Number(epsilonUp(rho, Rational.of(1, 1_000_000))));
      ok(Number(outsider.attacker) <= Number(attacker));
    }
  });

  test('answers of an image: an outsider is no blinder than the noise makes it', () => {
    const image = { digest: imageTerms().digest, blocks: 64 };
    const query = { measures: [{ name: 'x', image }], rho: '1/50' };
    const plan = compileQuery(insideStudy(), { format: 'kakehashi/query/1', ...query });
    const { outsider } = privacyOf({ plan, delta: Rational.of(1, 1_000_000) });
    equal(outsider.law, 'exact');
    ok(Math.abs(Rational.parse(outsider.rho).toNumber() - 1 / 100) < 1e-9, outsider.rho);
  });

  test('noise too small for the law of sums is told by rho', () => {
    equal(privacy({ measures: [MEAN], rho: '2000/1' }).outsider.law, 'bound');
  });

  test('two honest holders: all others together find more', () => {
    const { attacker, allOthers, outsider } = privacy({ rho: '1/50' }, { honestHolders: 2 });
    ok(allOthers !== undefined && Number(allOthers.attacker) > Number(attacker));
    equal(allOthers.rho, '1/25');
    equal(outsider.attacker, attacker, 'two of two are everybody');
  });

  test('every price has an answer, from next to nothing to everything', () => {
    for (const rho of [
      '1/100000000',
      '1/20000',
      '1/3',
      '1/1',
      '8/1',
      '31/1',
      '100/1',
      '100000/1',
    ]) {
      const { attacker, outsider, epsilon } = privacy({ rho });
      for (const percent of [attacker, outsider.attacker]) {
        ok(Number(percent) >= 1 && Number(percent) <= 100, `${rho}: ${percent}`);
      }
      ok(Number(outsider.epsilon) <= Number(epsilon), rho);
    }
  });

  test('a linked query: the sandbox knows no noise and sees the noised cardinality as well', () => {
    const linked = (cardinality: string) => {
      const plan = linkedPlan(Rational.parse(cardinality));
      return { ...privacyOf({ plan, delta: Rational.of(1, 1_000_000) }), plan };
    };
    const { outsider, attacker, plan } = linked('1/4');
    const sums = Rational.of(1, 50).dividedBy(Rational.of(2));
    const linking = rhoOfPure(Rational.of(1, 4));
    const rho = Rational.parse(outsider.rho);
    ok(Math.abs(rho.minus(sums.plus(linking)).toNumber()) < 1e-9, outsider.rho);
    ok(rho.atMost(plan.rho));
    // Whoever sees dummies alone is told this much.
    ok(Number(outsider.epsilon) >= 0.25, outsider.epsilon);
    ok(Number(outsider.attacker) > Number(linked('1/100').outsider.attacker));
    ok(Number(outsider.attacker) <= Number(attacker));
  });

  test('what is charged a delta shows somebody that often: attackers have it in their figure', () => {
    const keys = (delta: string) => {
      const query = { holders: ['lu'], measures: [{ name: 'k', keys: { column: 'icd', delta } }] };
      const plan = compileQuery(insideStudy(), {
        format: 'kakehashi/query/1',
        rho: '1/50',
        ...query,
      });
      return privacyOf({ plan, delta: Rational.of(1, 1_000_000) });
    };
    const [often, seldom] = [keys('1/1000'), keys('1/1000000000')];
    ok(Number(often.attacker) > Number(seldom.attacker));
    ok(Number(often.outsider.attacker) > Number(seldom.outsider.attacker));
  });

  test('where the table of a law ends before delta, the bound by rho', () => {
    const several = { rowsPerPerson: 12, cellsPerPerson: 12 };
    for (const [rho, query] of [
      ['31/1', {}],
      ['1/100', { measures: [MEDIAN] }],
    ] as [string, Record<string, Json>][]) {
      const cohort = 'measures' in query ? {} : several;
      const { plan } = compiledRun(acceptedStudy(keys, { rho: '1000000/1', cohort }), keys, {
        rho,
        ...query,
      });
      const delta = Rational.of(1n, 10n ** 50n);
      const { outsider, attacker } = privacyOf({ plan, delta });
      equal(outsider.law, 'bound');
      equal(outsider.epsilon, epsilonUp(Rational.parse(outsider.rho), delta));
      ok(Number(attacker) >= Number(outsider.attacker), rho);
    }
  });

  test('asked twice, the same', () => {
    deepStrictEqual(privacy({ rho: '1/7' }), privacy({ rho: '1/7' }));
  });
});
