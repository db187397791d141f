/** Every mechanism on a worst pair of neighbours, and every broken twin: 25,000 draws a side, 8,000 of one holder's choices. */
import { equal } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { falsified } from '../hockey-stick.ts';
import { claims, claimsWithinOneHolder } from './claims.ts';

const DRAWS = 25_000;
const CHOICES = 8000;

describe('hockey-stick on neighbours, alpha = 1e-6', () => {
  for (const { sound, broken } of claims(1)) {
    test(sound.name, () => {
      equal(falsified(sound, DRAWS), false);
    });
    test(`control: ${broken.name}`, () => {
      equal(falsified(broken, DRAWS), true);
    });
  }
  for (const { sound, broken } of claimsWithinOneHolder(1)) {
    test(sound.name, () => {
      equal(falsified(sound, CHOICES), false);
    });
    test(`control: ${broken.name}`, () => {
      equal(falsified(broken, CHOICES), true);
    });
  }
});
