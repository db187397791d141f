/** Runs a service until it is asked to stop: one ready line on stdout, then silence there. @module */
import { Option } from 'commander';
import type { Io } from './io.ts';

export type Serving = {
  /** Members of the ready line. */
  readonly ready: Readonly<Record<string, string>>;
  readonly line: string;
  readonly close: () => Promise<void>;
};

export type ServeFlags = { readonly json?: boolean; readonly untilStdinCloses?: boolean };

/** For a parent process that must not leave services behind, however it ends. */
export const untilStdinClosesOption = (): Option =>
  new Option('--until-stdin-closes', 'stop when standard input closes').hideHelp();

export async function serve(io: Io, serving: Serving, flags: ServeFlags): Promise<void> {
  const { ready, line, close } = serving;
  const asked = [io.interrupted()];
  if (flags.untilStdinCloses === true) asked.push(io.inputClosed());
  io.out(flags.json === true ? `${JSON.stringify({ ready: true, ...ready })}\n` : `${line}\n`);
  await Promise.race(asked);
  await close();
}
