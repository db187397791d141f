/** What a release says of its own privacy: pure functions of the plan, over the whole range of prices. */
import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { Json } from '../../src/base/canonical-json.ts';
import { epsilonUp } from '../../src/dp/accountant/zcdp.ts';
import { Rational } from '../../src/base/rational.ts';
import { privacyOf } from '../../src/flows/pooled/privacy.ts';
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

  test('a tree is exact, a mean a bound, and so is what stands beside it', () => {
    equal(privacy({ measures: [MEDIAN], rho: '1/50' }).outsider.law, 'exact');
    equal(privacy({ measures: [MEAN], rho: '1/50' }).outsider.law, 'bound');
    equal(privacy({ measures: [MEAN, MEDIAN], rho: '1/50' }).outsider.law, 'bound');
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
