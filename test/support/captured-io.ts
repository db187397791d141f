/** A command line in this process: what it wrote and how it ended. */
import type { Io } from '../../src/cli/io.ts';
import { runCli } from '../../src/cli/program.ts';

export type Transcript = { readonly code: number; readonly out: string; readonly err: string };

/** An `Io` that keeps what is written: read `written` afterwards. */
export function capturedIo(stdin = ''): {
  readonly io: Io;
  readonly written: { out: string; err: string };
} {
  const written = { out: '', err: '' };
  const io: Io = {
    out: (text) => (written.out += text),
    err: (text) => (written.err += text),
    lively: false,
    environment: {},
    stdin: () => Promise.resolve(new TextEncoder().encode(stdin)),
    inputClosed: () => new Promise(() => {}),
    interrupted: () => new Promise(() => {}),
  };
  return { io, written };
}

export async function cli(argv: readonly string[], stdin = ''): Promise<Transcript> {
  const { io, written } = capturedIo(stdin);
  const code = await runCli(argv, io);
  return { code, ...written };
}
