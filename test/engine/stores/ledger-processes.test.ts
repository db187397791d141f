/** Real processes on one ledger: a race for the last of the budget, and kills between acknowledgements. */
import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, test } from 'vitest';
import { Rational } from '../../../src/base/rational.ts';
import { StoredLedger } from '../../../src/engine/stores/ledger-store.ts';
import { bundled } from '../../support/bundle.ts';
import { amount, digest, loadPeople } from '../conformance/ledger.ts';
import { CLIENTS, spending } from '../fixtures/spending.ts';
import { onBothStores, type Place } from './kinds.ts';
import { clock, openHolder } from './opened.ts';

type Spender = {
  readonly child: ChildProcess;
  readonly go: () => void;
  /** Runs acknowledged so far. */
  readonly lines: () => string[];
  readonly exit: Promise<unknown>;
};

async function spender(script: string, { kind, at }: Place, label: string): Promise<Spender> {
  const name = kind === 'SQLite' ? 'sqlite' : 'postgres';
  const child = spawn(process.execPath, [script, name, at, label], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8');
  const exit = once(child, 'close');
  const ready = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk: string) => {
      text += chunk;
      if (text.startsWith('ready\n')) resolve();
    });
  });
  await Promise.race([ready, exit]);
  return {
    child,
    go: () => child.stdin.write('x'),
    lines: () => text.split('\n').slice(1, -1),
    exit,
  };
}

const open = async (place: Place): Promise<StoredLedger> =>
  StoredLedger.open({ store: await openHolder(place), holder: 'lu', clock });

onBothStores(({ place }) => {
  describe('processes on one ledger', () => {
    test('two that race get exactly the budget, in one unbroken chain', async () => {
      const script = await bundled('test/engine/fixtures/spend.ts');
      const storage = place();
      const ledger = await open(storage);
      await ledger.grant(digest('study'), amount('1/5'));
      await loadPeople(ledger, 'study');
      const spenders = await Promise.all(
        ['a', 'b'].map((label) => spender(script, storage, label)),
      );
      spenders.forEach(({ go }) => go());
      await Promise.all(spenders.map(({ exit }) => exit));
      const [a = [], b = []] = spenders.map(({ lines }) => lines());
      equal(a.length + b.length, 200);
      equal((await ledger.account(digest('study'))).left.rho.toString(), '0/1');
      const runs = (await (await open(storage)).entries()).flatMap(({ body }) =>
        'run' in body ? [body.run] : [],
      );
      deepStrictEqual(new Set(runs), new Set([...a, ...b]));
    });

    test('kill -9 loses no acknowledged reservation', async () => {
      const script = await bundled('test/engine/fixtures/spend.ts');
      const storage = place();
      const granted = await open(storage);
      await granted.grant(digest('study'), amount('1000/1'));
      await loadPeople(granted, 'study');
      const acknowledged: string[] = [];
      for (let round = 0; round < 4; round += 1) {
        const one = await spender(script, storage, `round ${round}`);
        one.go();
        // However slow the disk is: behind some acknowledgements, at no certain place of the next.
        const until = 4 + 2 * round;
        while (one.lines().length < until) await new Promise((wake) => setTimeout(wake, 7));
        one.child.kill('SIGKILL');
        await one.exit;
        acknowledged.push(...one.lines());
      }
      ok(acknowledged.length > 10, `${acknowledged.length} acknowledged`);
      const stored = new Set((await (await open(storage)).state()).runs.keys());
      deepStrictEqual(
        acknowledged.filter((run) => !stored.has(run)),
        [],
      );
      // At most the one group of each round whose acknowledgements were cut off.
      ok(stored.size <= acknowledged.length + 4 * CLIENTS, 'stored more than was asked for');
      // Asked for again after the crash each one is known, and costs nothing.
      const again = await open(storage);
      const before = await again.account(digest('study'));
      const runs = [...stored].slice(-CLIENTS);
      const known = await Promise.all(runs.map((run) => again.reserve(spending(run))));
      ok(known.every(({ charged, ticket }) => charged && ticket.sealedSeed.length === 64));
      deepStrictEqual(await again.account(digest('study')), before);
      deepStrictEqual(before.reserved.rho, Rational.of(stored.size, 1000));
    });
  });
});
