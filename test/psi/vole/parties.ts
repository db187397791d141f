/** A session of two processes over the loopback. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { bundled } from '../../support/bundle.ts';
import type { Party } from './sessions.ts';

type Said = { readonly port?: number; readonly residentMb?: number; readonly matches?: number };

/** Rows of the receiver that matched, and the most memory that each party had resident. */
export async function runParties(
  size: number,
  threads = 1,
): Promise<{ matches: number; residentMb: Record<Party, number> }> {
  const script = await bundled('test/psi/vole/party.ts');
  const start = (...args: string[]) =>
    fork(script, args, { execArgv: ['--max-old-space-size=4096'] });
  const said = async (child: ReturnType<typeof fork>): Promise<Said> =>
    ((await once(child, 'message')) as [Said])[0];
  const sender = start('sender', String(size), String(threads));
  try {
    const { port } = await said(sender);
    const receiver = start('receiver', String(size), String(threads), String(port));
    try {
      const [sent, received] = await Promise.all([said(sender), said(receiver)]);
      return {
        matches: received.matches!,
        residentMb: { sender: sent.residentMb!, receiver: received.residentMb! },
      };
    } finally {
      receiver.kill();
    }
  } finally {
    sender.kill();
  }
}
