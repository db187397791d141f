/**
 * Kill -9 of each process after every durable step of an amendment. Started again it goes on: every holder is in the
 * same version, its ledger has the amendment once, and a query of the added analyst runs.
 */
import { strictEqual } from 'node:assert/strict';
import { test } from 'vitest';
import { Amending, codeOf } from '../support/amending.ts';
import { json } from '../support/institutions.ts';

const HOLDER_STEPS = ['study/amend', 'study/keep', 'queued/accepted'];
const SANDBOX_STEPS = ['amendment', 'frame/accepted'];

test('an amendment survives the death of whoever takes it in', async () => {
  const here = new Amending();
  let { sandbox, lu } = await here.open();
  let study = here.studyFile;
  let added = 0;
  const amended = async (): Promise<string> => {
    added += 1;
    const name = `bob-${added}`;
    const { key } = await json(['keygen', here.at('keys', `${name}.pem`)]);
    return here.amend(name, study, ['--add-analyst', `${name}=${String(key)}`]);
  };
  const inForce = async (): Promise<void> => {
    const sent = await here.submitVersion(study);
    strictEqual(sent.code, 0, sent.out + sent.err);
    for (const name of here.names) {
      const amends = (await here.entries(name)).filter(({ type }) => type === 'amend');
      strictEqual(amends.length, added, name);
    }
  };
  for (const step of HOLDER_STEPS) {
    await lu.kill('SIGTERM');
    const doomed = await here.holder('lu', step);
    study = await amended();
    const sent = here.submitVersion(study);
    strictEqual(await doomed.gone, 'SIGKILL', step);
    lu = await here.holder('lu');
    await sent;
    await inForce();
  }
  for (const step of SANDBOX_STEPS) {
    await sandbox.kill('SIGTERM');
    const doomed = await here.sandbox(step);
    study = await amended();
    const sent = here.submitVersion(study);
    strictEqual(await doomed.gone, 'SIGKILL', step);
    sandbox = await here.sandbox();
    await sent;
    await inForce();
  }
  const asked = await here.askAs(`bob-${added}`, study, '1/100');
  strictEqual(asked.code, 0, asked.out + asked.err);

  // A narrowing is answered with nothing: written is bound, whatever comes behind.
  await lu.kill('SIGTERM');
  const doomed = await here.holder('lu', 'study/narrowed');
  const less = await here.amend('less', study, ['--budget', 'lu=1/80'], ['jp']);
  const sent = here.submitVersion(less);
  strictEqual(await doomed.gone, 'SIGKILL');
  lu = await here.holder('lu');
  await sent;
  const refused = await here.askAs(`bob-${added}`, study, '1/90');
  strictEqual(codeOf(refused), 'BUDGET_EXHAUSTED', refused.out + refused.err);
  for (const name of here.names) strictEqual(await here.spent(name), '1/100');
}, 600_000);
