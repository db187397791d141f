/** A command line in this process: what it wrote and how it ended. */
import type { Io } from '../../src/cli/io.ts';
import { runCli } from '../../src/cli/program.ts';

export type Transcript = { readonly code: number; readonly out: string; readonly err: string };

export async function cli(argv: readonly string[], stdin = ''): Promise<Transcript> {
  let [out, err] = ['', ''];
  const io: Io = {
    out: (text) => (out += text),
    err: (text) => (err += text),
    lively: false,
    environment: {},
    stdin: () => Promise.resolve(new TextEncoder().encode(stdin)),
    inputClosed: () => new Promise(() => {}),
    interrupted: () => new Promise(() => {}),
  };
  const code = await runCli(argv, io);
  return { code, out, err };
}
