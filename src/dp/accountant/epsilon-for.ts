/**
 * The largest pure ε that a given rho pays for, as a multiple of 2^−20 rounded down: what a mechanism of
 * pure ε runs with where a query is priced in rho.
 * @module
 */
import { check } from '../../base/errors.ts';
import { Rational } from '../../base/rational.ts';
import { integerRoot } from '../sampler/laplace-scale.ts';
import { rhoOfPure } from './zcdp.ts';

const GRID = 1n << 20n;
const MOST = 64n * GRID;

const onGrid = (steps: bigint): Rational => Rational.of(steps, GRID);

function checked(steps: bigint): Rational {
  check(steps > 0n, 'NOISE_RANGE', 'too small a rho for a choice');
  return onGrid(steps < MOST ? steps : MOST);
}

/** Of an exponential mechanism: ε²/8 ≤ rho (mechanism/selection.ts). */
export function exponentialEpsilon(rho: Rational): Rational {
  check(rho.sign() > 0, 'INVALID_PARAMETER', 'rho is not positive');
  return checked(integerRoot(rho.times(Rational.of(8n * GRID * GRID)).floor()));
}

/** Of anything else that is pure: ε·tanh(ε/2) ≤ rho (rulings 16). */
export function pureEpsilon(rho: Rational): Rational {
  check(rho.sign() > 0, 'INVALID_PARAMETER', 'rho is not positive');
  let [low, high] = [0n, MOST + 1n];
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (rhoOfPure(onGrid(middle)).atMost(rho)) low = middle;
    else high = middle;
  }
  return checked(low);
}
