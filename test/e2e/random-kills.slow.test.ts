/**
 * Kills -9 at random steps of any process, many: a hundred here, and the thousand of a release by
 *
 *     KILLS=1000 npm run test:slow -- test/e2e/random-kills.slow.test.ts
 */
import { manyKills } from '../support/many-kills.ts';

manyKills();
