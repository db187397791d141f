/** When a party of `kakehashi psi` refuses, dies, stalls or sends garbage: a refusal, and no process left. */
import { equal, ok, rejects } from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { writeFileSync } from 'node:fs';
import { describe, onTestFinished, test } from 'vitest';
import { type ErrorCode, Refusal } from '../../src/base/errors.ts';
import { type Parties, startParties } from '../../src/cli/psi-processes.ts';
import type { FromParty, PartyRequest, PsiSide } from '../../src/cli/psi-request.ts';
import { bundled } from '../support/bundle.ts';
import { scratch } from '../support/scratch.ts';
import { psi, writeTables } from './psi-files.ts';

const party = (): Promise<string> => bundled('src/cli/psi-party.ts');

const request = (side: PsiSide, file: string, stallMs: number): PartyRequest => ({
  side,
  output: 'set',
  protocol: 'ecdh',
  stallMs,
  table: { file, encoding: 'auto', column: 'id', sums: [] },
});

/** A session of some seconds. */
async function longSession(stallMs = 60_000): Promise<Parties> {
  const { left, right } = writeTables(scratch(), 20_000);
  return startParties(await party(), {
    left: request('left', left, stallMs),
    right: request('right', right, stallMs),
  });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const said =
  (code: ErrorCode, detail: RegExp) =>
  (error: unknown): boolean =>
    error instanceof Refusal && error.code === code && detail.test(error.detail);

describe('a party that ends', () => {
  for (const side of ['left', 'right'] as const) {
    test(`killed in the middle: ${side}`, async () => {
      const { pids, running, done } = await longSession();
      await running;
      ok(isAlive(pids.left) && isAlive(pids.right));
      process.kill(pids[side], 'SIGKILL');
      await rejects(done, said('PROCESS_FAILED', new RegExp(`${side} party ended: SIGKILL`)));
      ok(!isAlive(pids.left) && !isAlive(pids.right));
    });
  }

  test('stopped in the middle: the other gives up', async () => {
    const { pids, running, done } = await longSession(500);
    await running;
    process.kill(pids.right, 'SIGSTOP');
    await rejects(done, said('PROCESS_FAILED', /left party: the other party was silent for 0.5 s/));
    ok(!isAlive(pids.left) && !isAlive(pids.right));
  });

  test('what one party refuses is what is told, not that its peer is gone', async () => {
    const files = writeTables(scratch());
    const script = await party();
    const lacking = said('INVALID_PARAMETER', /^right party: /);
    await rejects(psi(script, files, '--right-column', 'nobody'), lacking);
    writeFileSync(files.left, 'id;age\n"P1;40\n');
    await rejects(psi(script, files), said('COHORT_UNREADABLE', /^left party: .*quote/));
    await rejects(psi('/nowhere/party.mjs', files), said('FILE_NOT_FOUND', /party.mjs/));
  });
});

type Lonely = {
  readonly child: ChildProcess;
  readonly socket: Socket;
  readonly answer: Promise<FromParty>;
  readonly exit: Promise<unknown>;
};

/** One real party, begun; the test has the other end of its connection. */
async function lonely(): Promise<Lonely> {
  const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [theirs] = (await once(server, 'connection')) as [Socket];
  server.close();
  const child = fork(await party(), [], {
    serialization: 'advanced',
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
    socket.destroy();
  });
  socket.on('error', () => {});
  const exit = once(child, 'exit');
  const { left } = writeTables(scratch());
  child.send({ kind: 'start', request: request('left', left, 60_000) }, theirs);
  equal(((await once(child, 'message')) as [FromParty])[0].kind, 'ready');
  const answer = once(child, 'message').then(([message]) => message as FromParty);
  child.send({ kind: 'go' });
  return { child, socket, answer, exit };
}

test('a party ends with the process that started it', async () => {
  const { child, exit } = await lonely();
  child.disconnect();
  await exit;
  equal(child.exitCode, 1);
});

describe('a party that gets garbage refuses and ends', () => {
  const garbage: readonly (readonly [string, Uint8Array, ErrorCode])[] = [
    ['text', Buffer.from('GET / HTTP/1.1\r\n\r\n'), 'MALFORMED_MESSAGE'],
    ['a short frame', Uint8Array.of(1, 0, 0, 0, 0x48), 'MALFORMED_MESSAGE'],
    ['another kind', Uint8Array.of(6, 0, 0, 0, 1, 0, 0, 0, 0, 9), 'PROTOCOL_STATE'],
    ['nothing', new Uint8Array(0), 'PROCESS_FAILED'],
    ['50 MB of it', new Uint8Array(50 * 2 ** 20).fill(0xa5), 'MALFORMED_MESSAGE'],
    ['50 MB of empty frames', new Uint8Array(50 * 2 ** 20), 'MALFORMED_MESSAGE'],
  ];
  for (const [name, bytes, code] of garbage) {
    test(name, async () => {
      const { socket, answer, exit } = await lonely();
      socket.end(bytes);
      const message = await answer;
      equal(message.kind === 'refused' && message.refused.code, code);
      await exit;
    });
  }
});
