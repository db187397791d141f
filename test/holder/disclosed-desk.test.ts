/** What a holder keeps of disclosures: by run, for its staff and for images that know people by the ids of the study. */
import { deepStrictEqual, equal, ok, rejects } from 'node:assert/strict';
import { onTestFinished, test } from 'vitest';
import { toHex } from '../../src/base/bytes.ts';
import { Rational } from '../../src/base/rational.ts';
import { systemRng } from '../../src/base/rng.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { Vault } from '../../src/base/vault.ts';
import { StoredLedger } from '../../src/engine/stores/ledger-store.ts';
import { StoredSteps } from '../../src/engine/stores/steps-store.ts';
import {
  DISCLOSED_STEP,
  type DisclosedPeople,
  disclosedLabel,
  encodeDisclosed,
} from '../../src/flows/linked/disclosed.ts';
import { DisclosedDesk } from '../../src/holder/disclosed-desk.ts';
import { localClock } from '../support/memory-ports.ts';
import { refusal } from '../support/refusal.ts';
import { runStores } from './run-stores.ts';

const id = (n: number): string => n.toString(16).padStart(64, '0');
const [STUDY, OTHER] = [id(1), id(2)];
const bytes = (...numbers: number[]): Uint8Array =>
  Uint8Array.from(numbers.flatMap((n) => Array.from({ length: 16 }, () => n)));
const NONE = new Uint8Array(0);

async function lab() {
  const { store } = runStores();
  onTestFinished(() => store.close());
  const vault = new Vault(SigningKey.generate(), systemRng);
  const steps = new StoredSteps(store);
  const ledger = new StoredLedger({ store, holder: 'lu', clock: localClock });
  const amount = { rho: Rational.of(10), delta: Rational.ZERO };
  for (const [i, study] of [STUDY, OTHER].entries()) {
    await ledger.grant(study, amount);
    // The same people in both studies.
    await ledger.load(study, {
      version: id(30),
      epochs: [1],
      people: i === 0 ? id(40) : undefined,
    });
  }
  const booked = async (run: string, study: string, output?: string): Promise<void> => {
    await ledger.reserve({
      ...{ study, run, planDigest: id(9), vectorKey: run, version: id(30) },
      ...{ rho: Rational.ONE, delta: Rational.ZERO },
      ticket: { sealedSeed: bytes(1), commitment: run },
      ...(output !== undefined && { disclosure: { output, quota: 9 } }),
    });
  };
  const told = async (run: string, people: DisclosedPeople): Promise<void> => {
    const locked = vault.lock(disclosedLabel(run), encodeDisclosed(people));
    await steps.once(run, DISCLOSED_STEP, () => Promise.resolve(locked));
  };
  return { desk: new DisclosedDesk({ ledger, steps, vault }), booked, told, steps };
}

test('runs, people, ids; by study, sealed where they lie, and gone with the rows', async () => {
  const { desk, booked, told, steps } = await lab();
  const [set, ids, later, lost, plain, other] = [10, 11, 12, 13, 14, 15].map(id) as string[] &
    [string, string, string, string, string, string];
  await booked(set, STUDY, 'set');
  await booked(ids, STUDY, 'ids');
  await booked(later, STUDY, 'ids');
  await booked(lost, STUDY, 'cardinality');
  await booked(plain, STUDY);
  await booked(other, OTHER, 'ids');
  await told(set, { output: 'set', count: 2, keys: bytes(5, 6), ids: NONE });
  await told(ids, { output: 'ids', count: undefined, keys: bytes(5), ids: bytes(70) });
  await told(later, { output: 'ids', count: undefined, keys: bytes(6, 5), ids: bytes(80, 70) });
  await told(other, { output: 'ids', count: undefined, keys: bytes(5), ids: bytes(99) });

  deepStrictEqual(
    (await desk.runs(STUDY)).map(({ output, told: was }) => `${output} ${was}`),
    ['set true', 'ids true', 'ids true', 'cardinality false'],
  );
  deepStrictEqual(await desk.answer(STUDY, set), {
    ...{ study: STUDY, run: set, output: 'set', count: 2 },
    people: [
      [toHex(bytes(5)), '1'],
      [toHex(bytes(6)), '2'],
    ],
  });
  // The last run that gave ids, of this study and of no other.
  deepStrictEqual(
    await desk.studyIds(STUDY),
    new Map([
      [toHex(bytes(6)), toHex(bytes(80))],
      [toHex(bytes(5)), toHex(bytes(70))],
    ]),
  );
  equal((await desk.studyIds(OTHER))?.get(toHex(bytes(5))), toHex(bytes(99)));
  equal(await desk.studyIds(id(3)), undefined);
  await rejects(desk.people(STUDY, lost), refusal('NOT_FOUND'));
  await rejects(desk.people(STUDY, other), refusal('NOT_FOUND'));
  const stored = await steps.stored(set, DISCLOSED_STEP);
  ok(stored !== undefined && !toHex(stored).includes(toHex(bytes(5))));

  await desk.forget(STUDY);
  await rejects(desk.people(STUDY), refusal('NOT_FOUND'));
  equal((await desk.studyIds(OTHER))?.size, 1);
});
