/** Every mechanism on a worst pair of neighbours, and every broken twin: a million draws a side. */
import { equal } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { falsified } from '../hockey-stick.ts';
import { claims } from './claims.ts';

const DRAWS = 1_000_000;

describe('hockey-stick on neighbours, alpha = 1e-6', () => {
  for (const { sound, broken } of claims(2)) {
    test(sound.name, () => {
      equal(falsified(sound, DRAWS), false);
    }, 300_000);
    test(`control: ${broken.name}`, () => {
      equal(falsified(broken, DRAWS), true);
    }, 300_000);
  }
});
