/** What a process says of the place where it runs a program: software's word, on this machine. @module */
import { readFile } from 'node:fs/promises';
import { sha256Hex } from '../../base/hash.ts';
import type { PlaceEvidence } from '../../flows/sandboxed-run.ts';
import type { Program } from './image-process.ts';
import { seccompFilter } from './seccomp.ts';

export async function placeEvidence({
  module,
  runner,
  boundary,
}: Pick<Program, 'module' | 'runner' | 'boundary'>): Promise<PlaceEvidence> {
  return {
    metered: sha256Hex(module),
    runner: sha256Hex(new Uint8Array(await readFile(runner))),
    boundary,
    seccomp: boundary === 'bubblewrap' && seccompFilter() !== undefined,
  };
}
