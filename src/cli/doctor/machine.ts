/** The machine: Node, memory, disk, bubblewrap, processes. @module */
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, readFile, statfs } from 'node:fs/promises';
import { totalmem } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { systemCode } from '../../base/errors.ts';
import { fail, type Finding, ok, warn } from './finding.ts';

const MIB = 1024 * 1024;
const [FLOOR_MAJOR, FLOOR_MINOR] = [20, 19];
/** Releases of Node that the project's tests run on. */
const TESTED = [20, 24];

export function nodeFinding(version: string): Finding {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  const old = major < FLOOR_MAJOR || (major === FLOOR_MAJOR && minor < FLOOR_MINOR);
  if (old) return fail('node', `${version}: ${FLOOR_MAJOR}.${FLOOR_MINOR} or newer is needed`);
  if (TESTED.includes(major)) return ok('node', version);
  return warn('node', `${version}: tested are ${TESTED.join(' and ')}`);
}

/** What this process may use: the limit of its control group, where there is one. */
export function usableMemory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 && limit < totalmem() ? limit : totalmem();
}

export function memoryFinding(bytes: number): Finding {
  const says = `${Math.floor(bytes / MIB)} MiB usable`;
  if (bytes < 512 * MIB) return fail('memory', `${says}: 512 MiB is the least`);
  return bytes < 2048 * MIB
    ? warn('memory', `${says}: 2 GiB serves cohorts of a million`)
    : ok('memory', says);
}

/** Free space and permission at `directory`, or at what is there of it. */
export async function diskFinding(directory: string): Promise<Finding> {
  for (let at = path.resolve(directory); ; at = path.dirname(at)) {
    try {
      const { bavail, bsize } = await statfs(at);
      await access(at, constants.W_OK);
      const free = bavail * bsize;
      const says = `${Math.floor(free / MIB)} MiB free at ${at}`;
      if (free < 100 * MIB) return fail('disk', says);
      return free < 1024 * MIB ? warn('disk', says) : ok('disk', says);
    } catch (error) {
      const code = systemCode(error);
      if (code !== 'ENOENT' || at === path.dirname(at)) return fail('disk', `${at}: ${code}`);
    }
  }
}

export async function bubblewrapFinding(command = 'bwrap'): Promise<Finding> {
  try {
    const { stdout } = await promisify(execFile)(command, ['--version'], { timeout: 5000 });
    return ok('bubblewrap', stdout.trim());
  } catch {
    return warn('bubblewrap', 'not found: studies whose images ask for it are refused here');
  }
}

/** Where Linux says which control group a process is in, and what the group may have. */
export type ControlGroups = { readonly self: string; readonly mounted: string };

const CONTROL_GROUPS: ControlGroups = { self: '/proc/self/cgroup', mounted: '/sys/fs/cgroup' };

/** Directories of the group with the controller of processes, version 2 or 1, and of those above it. */
function groupsAbove(text: string, mounted: string): string[] {
  const line = (pattern: RegExp): string | undefined => pattern.exec(text)?.[1];
  const [second, first] = [line(/^0::(\/.*)$/m), line(/^\d+:(?:[^:]*,)?pids(?:,[^:]*)?:(\/.*)$/m)];
  const base = first === undefined ? mounted : path.join(mounted, 'pids');
  const found = [base];
  for (const part of (first ?? second ?? '/').split('/').filter((name) => name !== '')) {
    found.push(path.join(found.at(-1) ?? base, part));
  }
  return found;
}

/**
 * The least limit on processes of the control group that this command runs in: that of a service where it is asked in
 * the service's. Nothing here sets one for an image alone.
 */
export async function processesFinding(groups: ControlGroups = CONTROL_GROUPS): Promise<Finding> {
  const text = await readFile(groups.self, 'utf8').catch(() => '');
  const limits = await Promise.all(
    groupsAbove(text, groups.mounted).map((directory) =>
      readFile(path.join(directory, 'pids.max'), 'utf8').catch(() => 'max'),
    ),
  );
  const least = Math.min(...limits.map(Number).filter((limit) => limit > 0));
  return Number.isFinite(least)
    ? ok('processes', `at most ${least} in this control group`)
    : warn(
        'processes',
        'no limit in this control group: what broke out of the engine of an image could start any number (TasksMax= of a unit, pids_limit of a container)',
      );
}
