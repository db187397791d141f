/** Kill -9 of a holder in the middle of a run; every other step is in kill.slow.test.ts. */
import { test } from 'vitest';
import { dieAt } from '../support/die-at.ts';

test('killed once its share is stored and before it is sent', () => dieAt('share'), 60_000);
