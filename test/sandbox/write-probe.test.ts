/** Ready is who can write: asked often it writes once a second, and a fault lasts as long as it lasts. */
import { rejects, strictEqual } from 'node:assert/strict';
import { test } from 'vitest';
import { writeProbe } from '../../src/sandbox/write-probe.ts';

test('one write a second, and no answer from a disk that takes none', async () => {
  let [now, writes, full] = [0, 0, false];
  const use = async (): Promise<boolean> => {
    writes += 1;
    if (full) throw new Error('disk is full');
    return true;
  };
  const probe = writeProbe({ use }, { now: () => new Date(now) });
  for (let i = 0; i < 20; i += 1) await probe.check();
  strictEqual(writes, 1);
  full = true;
  now += 1000;
  await rejects(probe.check());
  await rejects(probe.check());
  strictEqual(writes, 2);
  full = false;
  now += 1000;
  await probe.check();
  strictEqual(writes, 3);
});
