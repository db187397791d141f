/**
 * Where the time of a contender goes: `kakehashi bench CASE --sizes N --profile [--contender NAME]`, by V8's sampling
 * profiler over this thread only. Self time is summed up by kernel, by package, by part of Node and, in our own
 * code, by function. Native code (OpenSSL, a database) counts for its caller; waiting counts as nothing.
 * @module
 */
import { createHash } from 'node:crypto';
import type { Debugger, Profiler } from 'node:inspector';
import { Session } from 'node:inspector/promises';
import { KERNEL_DIGESTS } from '../src/kernels/digests.ts';
import type { Prepared } from './case.ts';

const INTERVAL_US = 200;
const LINES = 12;
/** Below this share a line says nothing. */
const LEAST = 0.005;

/** Not work of this thread. */
const IDLE = new Set(['(idle)', '(root)']);

export type Share = { readonly where: string; readonly share: number };

type Frame = Profiler.ProfileNode['callFrame'];

/** Code of an addon or of V8 itself. */
const isNative = ({ functionName, url }: Frame): boolean =>
  url === '' && !functionName.startsWith('(');

/** `kernels`: the URL that V8 gives a WebAssembly module, and the kernel it is. */
function placeOf({ functionName, url }: Frame, kernels: ReadonlyMap<string, string>): string {
  const name = functionName === '' ? 'anonymous function' : functionName;
  const kernel = kernels.get(url);
  if (kernel !== undefined) return kernel;
  if (url.startsWith('wasm:')) return 'WebAssembly of a package';
  if (url.startsWith('node:')) return `${url.replace('node:internal/', 'node:')} (${name})`;
  const inPackage = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  if (inPackage !== undefined) return inPackage;
  return name;
}

/** What each node counts for: native code counts for who calls it. */
function placesOf(
  nodes: readonly Profiler.ProfileNode[],
  kernels: ReadonlyMap<string, string>,
): Map<number, string> {
  const places = new Map<number, string>();
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const visit = (node: Profiler.ProfileNode, caller: string): void => {
    const { callFrame, children = [] } = node;
    const place = isNative(callFrame) ? caller : placeOf(callFrame, kernels);
    places.set(node.id, place);
    for (const child of children) visit(byId.get(child) ?? node, place);
  };
  const [root] = nodes;
  if (root !== undefined) visit(root, '(root)');
  return places;
}

/** Shares of the sampled time, largest first. */
export function sharesOf(
  { nodes, samples = [], timeDeltas = [] }: Profiler.Profile,
  kernels: ReadonlyMap<string, string>,
): Share[] {
  const places = placesOf(nodes, kernels);
  const times = new Map<string, number>();
  let total = 0;
  samples.forEach((id, i) => {
    const where = places.get(id);
    if (where === undefined || IDLE.has(where)) return;
    const microseconds = timeDeltas[i] ?? 0;
    times.set(where, (times.get(where) ?? 0) + microseconds);
    total += microseconds;
  });
  return [...times]
    .map(([where, time]) => ({ where, share: time / total }))
    .toSorted((a, b) => b.share - a.share);
}

const KERNEL_OF = new Map<string, string>(
  Object.entries(KERNEL_DIGESTS).map(([stem, digest]) => [digest, `kernel ${stem}`]),
);

/** The kernels that this process has compiled, by the URL of their module. */
async function compiledKernels(session: Session): Promise<Map<string, string>> {
  const scripts: Debugger.ScriptParsedEventDataType[] = [];
  session.on('Debugger.scriptParsed', ({ params }) => scripts.push(params));
  await session.post('Debugger.enable');
  const kernels = new Map<string, string>();
  for (const { scriptId, url } of scripts.filter((script) => script.url.startsWith('wasm:'))) {
    const source = await session.post('Debugger.getScriptSource', { scriptId });
    const bytes = Buffer.from((source as { bytecode?: string }).bytecode ?? '', 'base64');
    const kernel = KERNEL_OF.get(createHash('sha256').update(bytes).digest('hex'));
    if (kernel !== undefined) kernels.set(url, kernel);
  }
  await session.post('Debugger.disable');
  return kernels;
}

/** Runs `contender` (the first where it has no name) for `seconds`. */
export async function profile(
  { contenders }: Prepared,
  contender: string | undefined,
  seconds = 4,
): Promise<Share[]> {
  const run = contenders.get(contender ?? [...contenders.keys()][0] ?? '');
  if (run === undefined) throw new Error(`contenders are ${[...contenders.keys()].join(', ')}`);
  await run();
  const session = new Session();
  session.connect();
  try {
    const kernels = await compiledKernels(session);
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: INTERVAL_US });
    await session.post('Profiler.start');
    const end = performance.now() + 1000 * seconds;
    do await run();
    while (performance.now() < end);
    const { profile: recorded } = await session.post('Profiler.stop');
    return sharesOf(recorded, kernels);
  } finally {
    session.disconnect();
  }
}

/** A line for each place, as far as they say something. */
export const profileText = (shares: readonly Share[]): string =>
  shares
    .slice(0, LINES)
    .filter(({ share }) => share >= LEAST)
    .map(({ where, share }) => `${(100 * share).toFixed(1).padStart(5)} %  ${where}`)
    .join('\n');
