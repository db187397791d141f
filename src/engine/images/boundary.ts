/**
 * The walls around the process of an image.
 *
 *     bubblewrap   every namespace of its own (no network, no other process to see), no capability, an
 *                  empty environment, a root with nothing but the libraries that node needs, node and one script, all read-only;
 *                  system calls that open, trace or mount anything or start a process are refused
 *                  (seccomp.ts, where the machine has a filter). Default, and needs bubblewrap.
 *     process      node's permission model: no files but the script, no other processes, no workers, no
 *                  addons. It does not cover the network. Only where a signed study says so.
 *
 * In both: no core dumps, no files, few descriptors, a bound of memory, an empty environment, no standard error.
 * Inside both: WebAssembly without imports, metered (image/wasm/meter.ts).
 * @module
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { check } from '../../base/errors.ts';
import type { Boundary } from '../../flows/image-ports.ts';

/** The largest stack an image may use is FRAME_SLOTS slots; this is several times that. */
const STACK_KIB = 3900;

/** Of the process that runs an image. */
export const V8_FLAGS = [
  // One compiler: what an image gets does not depend on how often it ran before.
  ...['--no-liftoff', '--no-wasm-lazy-compilation', '--single-threaded'],
  ...[
    `--stack-size=${STACK_KIB}`,
    '--max-old-space-size=64',
    '--disallow-code-generation-from-strings',
  ],
];

/** What node is linked against, where the system has it. */
const LIBRARIES = ['/lib', '/lib64', '/usr/lib', '/usr/lib64'];

const NODE = '/node';
const SCRIPT = '/image-runner.mjs';
/** Descriptor of the seccomp filter. */
export const FILTER_DESCRIPTOR = 3;

/** Of everything that can be written to: the memory of an image, a heap, what compiling takes. */
const MEMORY_KIB = 1 << 20;

/** no core, no file, few descriptors, a bound of memory; then what follows. */
const LIMITED = `ulimit -c 0 && ulimit -f 0 && ulimit -n 64 && ulimit -d ${MEMORY_KIB} && exec "$@"`;

export type Command = { readonly file: string; readonly args: readonly string[] };

const shell = (args: readonly string[]): Command => ({
  file: '/bin/sh',
  args: ['-c', LIMITED, 'sh', ...args],
});

function bubblewrap(script: string, filtered: boolean): Command {
  const bind = (from: string, to = from): string[] => ['--ro-bind', from, to];
  return shell([
    ...['bwrap', '--unshare-all', '--cap-drop', 'ALL', '--clearenv'],
    ...['--die-with-parent', '--new-session', '--hostname', 'image'],
    ...LIBRARIES.filter((library) => existsSync(library)).flatMap((library) => bind(library)),
    ...bind(process.execPath, NODE),
    ...bind(script, SCRIPT),
    ...['--dev', '/dev', '--remount-ro', '/'],
    ...(filtered ? ['--seccomp', String(FILTER_DESCRIPTOR)] : []),
    ...['--', NODE, ...V8_FLAGS, SCRIPT],
  ]);
}

const NODE_MAJOR = Number(process.versions.node.split('.')[0]);

const permission = (script: string): string[] => [
  NODE_MAJOR < 23 ? '--experimental-permission' : '--permission',
  `--allow-fs-read=${script}`,
];

/** The command that runs `script`, an absolute path, inside `boundary`. */
export function boundaryCommand(boundary: Boundary, script: string, filtered: boolean): Command {
  check(path.isAbsolute(script), 'INTERNAL', 'path of the runner');
  if (boundary === 'bubblewrap') return bubblewrap(script, filtered);
  return shell([process.execPath, ...V8_FLAGS, ...permission(script), script]);
}
