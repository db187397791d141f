/** A holder as a witness: what it co-signs, and every way in which a sandbox could show it a fork. */
import { deepStrictEqual, ok, strictEqual, rejects } from 'node:assert/strict';
import { describe, onTestFinished, test } from 'vitest';
import { type Announcement, encodeAnnouncement } from '../../src/audit/announcement.ts';
import { checkCosigned, readNote } from '../../src/audit/checkpoint.ts';
import type { LogEntry } from '../../src/audit/entry.ts';
import { attestationDigest, type SignedAttestation } from '../../src/audit/receipt.ts';
import { fromUtf8 } from '../../src/base/bytes.ts';
import { canonicalBytes } from '../../src/base/canonical-json.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { SANDBOX, signFrame } from '../../src/flows/frame.ts';
import { Witness } from '../../src/holder/witness.ts';
import { Log } from './lying-log.ts';
import { runStores } from './run-stores.ts';
import { silentLog } from '../support/memory-ports.ts';
import { refusal } from '../support/refusal.ts';

const STUDY = 'a'.repeat(64);
const KEY = SigningKey.generate();
const AT = '2026-11-28T18:00Z';
const run = (n: number): string => n.toString(16).padStart(64, '0');

async function lab() {
  const { store, frames, runs, checkpoints } = runStores();
  onTestFinished(() => store.close());
  await runs.keepStudy(STUDY, '{}');
  const witness = new Witness({ holder: 'lu', key: KEY, frames, checkpoints, log: silentLog });
  /** What this holder attested of run `n`, and the entry that an honest log has of it. */
  const attested = async (n: number): Promise<LogEntry> => {
    const signed = { attestation: { holder: 'lu', run: run(n) }, key: KEY.publicText };
    await frames.enqueue(run(n), SANDBOX, 'receipt', (sequence) =>
      signFrame(
        {
          study: STUDY,
          run: run(n),
          from: 'lu',
          to: SANDBOX,
          sequence,
          kind: 'receipt',
          body: canonicalBytes(signed),
        },
        KEY,
      ),
    );
    const digest = attestationDigest(signed as unknown as SignedAttestation);
    const [plan, released] = [run(1000), run(2000)];
    const attestations = [{ holder: 'lu', digest }];
    return { type: 'release', at: AT, run: run(n), plan, released, attestations };
  };
  const show = (of: string, announcement: Announcement) =>
    witness.cosign({ study: STUDY, run: of, body: encodeAnnouncement(announcement) });
  return { checkpoints, attested, show, witness };
}

const stop: LogEntry = { type: 'stop', at: AT, holder: 'lu', frame: run(7) };

describe('a witness', () => {
  test('co-signs a log that grows, run after run, and keeps what it co-signed', async () => {
    const { checkpoints, attested, show } = await lab();
    const log = new Log();
    const sizes: number[] = [];
    for (const n of [1, 2, 3]) {
      const entry = await attested(n);
      log.add(stop);
      log.add(entry);
      const note = readNote(fromUtf8(await show(run(n), log.announce(entry, sizes))));
      checkCosigned(note, new Map([['lu', KEY.publicText]]));
      strictEqual(note.checkpoint.size, log.tree.size);
      sizes.push(log.tree.size);
    }
    deepStrictEqual(
      (await checkpoints.all(STUDY)).map(({ size }) => size),
      [2, 4, 6],
    );
  });

  test('asked again, also after a crash, gives the same bytes', async () => {
    const { attested, show } = await lab();
    const log = new Log();
    const entry = await attested(1);
    log.add(entry);
    const announcement = log.announce(entry, []);
    deepStrictEqual(await show(run(1), announcement), await show(run(1), announcement));
    // Another checkpoint for the same run is a second history.
    log.add(stop);
    const other = { ...log.announce(stop, [1]), entry, index: 0 };
    await rejects(() => show(run(1), other), refusal('LOG_FORKED'));
  });

  test('refuses a log that is forked, cut, or not joined to the last', async () => {
    const { checkpoints, attested, show } = await lab();
    const log = new Log();
    log.add(stop);
    const entry = await attested(1);
    log.add(entry);
    const before = log.fork();
    log.add(stop);
    const next = await attested(2);
    log.add(next);
    await show(run(1), before.announce(entry, []));

    const forked = new Log();
    forked.add({ ...stop, holder: 'jp' });
    for (const one of [entry, stop, next]) forked.add(one);
    await rejects(() => show(run(2), forked.announce(next, [2])), refusal('LOG_FORKED'));
    await rejects(() => show(run(2), log.announce(next, [])), refusal('LOG_FORKED'));
    await rejects(() => show(run(2), log.announce(next, [1, 3])), refusal('LOG_FORKED'));
    const cut = new Log();
    cut.add(next);
    await rejects(() => show(run(2), cut.announce(next, [])), refusal('LOG_FORKED'));
    const same = new Log();
    same.add(next);
    same.add(next);
    await rejects(() => show(run(2), same.announce(next, [2])), refusal('LOG_FORKED'));
    // Nothing of it was kept: the honest log is still co-signed.
    deepStrictEqual(
      (await checkpoints.all(STUDY)).map(({ size }) => size),
      [2],
    );
    ok(await show(run(2), log.announce(next, [2])));
  });

  test('refuses a log without what it attested itself', async () => {
    const { attested, show } = await lab();
    const entry = await attested(1);
    const rejected = refusal('PROOF_REJECTED');
    const shown = (logged: LogEntry, of = run(1)) => {
      const log = new Log();
      log.add(logged);
      return () => show(of, log.announce(logged, []));
    };
    if (entry.type !== 'release') throw new Error('not a release');
    const attestations = [{ holder: 'lu', digest: run(9) }];
    await rejects(shown({ ...entry, attestations }), rejected);
    await rejects(shown({ ...entry, attestations: [{ holder: 'jp', digest: run(9) }] }), rejected);
    await rejects(shown({ ...entry, run: run(3) }), rejected);
    await rejects(shown(stop), rejected);
    await rejects(shown(entry, run(3)), rejected);
    // The entry is shown, and is not in the tree.
    const log = new Log();
    log.add(stop);
    await rejects(() => show(run(1), { ...log.announce(stop, []), entry }), rejected);
  });

  test('about a study itself any entry will do, but what does not decode', async () => {
    const { show, witness } = await lab();
    const log = new Log();
    log.add(stop);
    ok(await show(STUDY, log.announce(stop, [])));
    const malformed = refusal('MALFORMED_MESSAGE');
    const announcement = log.announce(stop, []);
    const bad = [
      { ...announcement, size: -1 },
      { ...announcement, root: 'x' },
      { ...announcement, note: 1 },
      { ...announcement, from: [{ size: 1 }] },
      { ...announcement, salt: '' },
    ];
    for (const one of bad) {
      const body = canonicalBytes(one);
      await rejects(() => witness.cosign({ study: STUDY, run: run(5), body }), malformed);
    }
    const body = new Uint8Array([0xff]);
    await rejects(() => witness.cosign({ study: STUDY, run: run(5), body }), malformed);
  });
});
