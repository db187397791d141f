/** Choices of one holder on a worst pair of neighbours, and every broken twin: 200,000 draws a side. */
import { equal } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { falsified } from '../hockey-stick.ts';
import { claimsWithinOneHolder } from './claims.ts';

const DRAWS = 200_000;

describe('hockey-stick on neighbours, alpha = 1e-6', () => {
  for (const { sound, broken } of claimsWithinOneHolder(2)) {
    test(sound.name, () => {
      equal(falsified(sound, DRAWS), false);
    }, 120_000);
    test(`control: ${broken.name}`, () => {
      equal(falsified(broken, DRAWS), true);
    }, 120_000);
  }
});
