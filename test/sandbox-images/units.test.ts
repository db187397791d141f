/**
 * systemd units and their drop-in for images: systemd checks them where it is present, and the drop-in gives what the
 * walls around an image take (src/engine/images/boundary.ts), by their options and, where strace is present, by every call
 * that they and node make. Nothing here starts a unit.
 */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'vitest';
import { boundaryCommand } from '../../src/engine/images/boundary.ts';
import { scratch } from '../support/scratch.ts';

const FOLDER = path.resolve(import.meta.dirname, '../../sandbox-images');
const text = (name: string): string => readFileSync(path.join(FOLDER, name), 'utf8');

describe('systemd', () => {
  const present = spawnSync('systemd-analyze', ['--version']).status === 0;
  const units = ['kakehashi-sandbox.service', 'kakehashi-holder.service'];
  for (const unit of units) {
    test.skipIf(!present)(
      `${unit} is sound, and exposes little${present ? '' : ' (no systemd-analyze here)'}`,
      () => {
        const file = path.join(FOLDER, unit);
        strictEqual(
          spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' }).stderr.includes(
            unit,
          ),
          false,
        );
        const judged = execFileSync(
          'systemd-analyze',
          ['security', '--offline=true', '--threshold=20', file],
          { encoding: 'utf8' },
        );
        ok(/Overall exposure level[^\n]*: [01]\.\d/.test(judged));
      },
    );
    test.skipIf(!present)(`${unit} is sound with the drop-in for images`, () => {
      const root = scratch();
      mkdirSync(path.join(root, `${unit}.d`));
      writeFileSync(path.join(root, unit), text(unit));
      const sound = (dropIn: string): string => {
        writeFileSync(path.join(root, `${unit}.d`, 'images.conf'), dropIn);
        const call = ['verify', path.join(root, unit)];
        return spawnSync('systemd-analyze', call, { encoding: 'utf8' }).stderr;
      };
      strictEqual(sound(text('images.conf')).includes('images.conf'), false);
      // Control: another directive is found.
      ok(sound('[Service]\nRestrictNamespace=user\n').includes('images.conf'));
    });
  }
});

/** Values of a directive, line by line; an empty one takes back what was before. */
const linesOf = (directive: string, ...texts: readonly string[]): string[] =>
  texts
    .flatMap((one) => one.split('\n'))
    .filter((line) => line.startsWith(`${directive}=`))
    .map((line) => line.slice(directive.length + 1))
    .reduce<string[]>((all, value) => (value === '' ? [] : [...all, value]), []);
const valuesOf = (directive: string, ...texts: readonly string[]): string[] =>
  linesOf(directive, ...texts).flatMap((line) => line.split(' '));

/** The calls of a word of SystemCallFilter=, as this systemd has them. */
function callsOf(word: string): string[] {
  if (!word.startsWith('@')) return [word];
  const { stdout } = spawnSync('systemd-analyze', ['--no-pager', 'syscall-filter', word], {
    encoding: 'utf8',
  });
  const members = stdout.split('\n').flatMap((line) => /^ {4}([@\w-]+)$/.exec(line)?.[1] ?? []);
  return members.flatMap(callsOf);
}

/** What lines of SystemCallFilter= leave: the first allows, ~ takes away, another adds. */
function permitted(lines: readonly string[]): Set<string> {
  const found = new Set(callsOf('@default'));
  for (const line of lines) {
    const calls = line.replace('~', '').split(' ').flatMap(callsOf);
    for (const call of calls) {
      if (line.startsWith('~')) found.delete(call);
      else found.add(call);
    }
  }
  return found;
}

/** Of options of bubblewrap, what they take: kinds of namespaces (clone(2)), system calls, families of sockets. */
const NAMESPACES = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'user', 'uts'];
const TAKES: Readonly<Record<string, readonly string[]>> = {
  '--unshare-all': ['AF_NETLINK'],
  '--cap-drop': ['capset'],
  '--ro-bind': ['mount', 'umount2', 'pivot_root'],
  '--dev': ['mount'],
  '--remount-ro': ['mount'],
  '--hostname': ['sethostname'],
  // Of no call that the units refuse.
  ...{ '--clearenv': [], '--die-with-parent': [], '--new-session': [], '--seccomp': [] },
};

describe('the drop-in of units for images', () => {
  const runner = path.resolve(FOLDER, '../dist/image-runner.js');
  const { file, args } = boundaryCommand('bubblewrap', runner, true);
  const options = args.slice(0, args.indexOf('--')).filter((one) => one.startsWith('--'));
  const dropIn = text('images.conf');

  for (const unit of ['kakehashi-sandbox.service', 'kakehashi-holder.service']) {
    const own = text(unit);
    const allowed = [
      ...valuesOf('SystemCallFilter', own, dropIn),
      ...valuesOf('RestrictAddressFamilies', own, dropIn),
    ];

    test(`gives ${unit} what the walls take, and no more namespaces`, () => {
      deepStrictEqual(
        options.filter((option) => TAKES[option] === undefined),
        [],
        'an option that this table does not know',
      );
      ok(options.includes('--unshare-all') && options.includes('--hostname'));
      deepStrictEqual(valuesOf('RestrictNamespaces', own, dropIn), NAMESPACES);
      strictEqual(valuesOf('ProtectHostname', own, dropIn).at(-1), 'no');
      const taken = options.flatMap((option) => TAKES[option] ?? []);
      deepStrictEqual(
        taken.filter((one) => !allowed.includes(one)),
        [],
      );
      // V8 writes what it runs, and asks for a protection key.
      deepStrictEqual(valuesOf('MemoryDenyWriteExecute', own, dropIn), []);
      ok(allowed.includes('@pkey'));
    });

    test(`control: without it ${unit} gives none of it`, () => {
      deepStrictEqual(valuesOf('RestrictNamespaces', own), ['yes']);
      deepStrictEqual(
        ['mount', 'sethostname'].filter((one) => valuesOf('SystemCallFilter', own).includes(one)),
        [],
      );
    });
  }

  const tools = [
    ['strace', '-V'],
    ['systemd-analyze', '--version'],
  ].every(([tool = '', flag = '']) => spawnSync(tool, [flag]).status === 0);
  test.skipIf(!tools)(
    `covers every call that the walls and node make${tools ? '' : ' (no strace here)'}`,
    () => {
      const trace = path.join(scratch(), 'trace');
      const walls = boundaryCommand('bubblewrap', runner, false);
      strictEqual(walls.file, file);
      const call = ['-f', '-qq', '-o', trace, walls.file, ...walls.args];
      // It ends by itself: nobody says anything to it.
      spawnSync('strace', call, { stdio: 'ignore', timeout: 60_000 });
      const lines = readFileSync(trace, 'utf8').split('\n');
      const calls = new Set(lines.flatMap((line) => /^\d+ +([a-z]\w*)\(/.exec(line)?.[1] ?? []));
      ok(calls.has('pivot_root') && calls.has('epoll_create1'), 'it came as far as node');
      const kinds = [...new Set(lines.join('\n').match(/CLONE_NEW[A-Z]+/g))].map((kind) =>
        kind === 'CLONE_NEWNS' ? 'mnt' : kind.slice('CLONE_NEW'.length).toLowerCase(),
      );
      deepStrictEqual(kinds.sort(), NAMESPACES);
      const own = text('kakehashi-holder.service');
      const refused = (lines: readonly string[]): string[] => {
        const left = permitted(lines);
        return [...calls].filter((one) => !left.has(one)).sort();
      };
      deepStrictEqual(refused(linesOf('SystemCallFilter', own, dropIn)), []);
      // Control: without the drop-in it is these.
      deepStrictEqual(refused(linesOf('SystemCallFilter', own)), [
        ...['capset', 'mount', 'pivot_root', 'sethostname', 'umount2'],
      ]);
    },
  );
});
