/** What a release says of its own privacy: pure functions of the plan, over the whole range of prices. */
import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { Json } from '../../src/base/canonical-json.ts';
import { epsilonUp } from '../../src/dp/accountant/zcdp.ts';
import { Rational } from '../../src/base/rational.ts';
import { compileQuery } from '../../src/cohort/compile.ts';
import { privacyOf } from '../../src/flows/pooled/privacy.ts';
import { imageTerms, insideStudy } from '../cohort/inside-study.ts';
import { acceptedStudy, compiledRun, studyKeys, type StudyOptions } from '../support/study.ts';

const keys = studyKeys(['jp', 'lu']);
const privacy = (body: Record<string, Json>, options: StudyOptions = {}) =>
  privacyOf(compiledRun(acceptedStudy(keys, { rho: '1000000/1', ...options }), keys, body));

const MEAN = { name: 'm', mean: 'age' };
const MEDIAN = { name: 'q', quantiles: { column: 'age', at: [0.5] } };

describe('privacy of a release', () => {
  test('a pooled count: an outsider learns less, by the exact law', () => {
    const { epsilon, attacker, outsider } = privacy({ rho: '1/50' });
    equal(outsider.law, 'exact');
    ok(Number(outsider.epsilon) < Number(epsilon) / 1.3);
    ok(Number(outsider.attacker) <= Number(attacker));
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

  test('asked twice, the same', () => {
    deepStrictEqual(privacy({ rho: '1/7' }), privacy({ rho: '1/7' }));
  });
});
