/**
 * The service image, built twice by buildah and started by runc, where both are present: the same
 * digest, no shell, not root, a root that cannot be written, and a sandbox that answers and ends.
 */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync, chownSync } from 'node:fs';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'vitest';
import { scratch } from '../support/scratch.ts';

const ROOT = path.resolve(import.meta.dirname, '..', '..');
const has = (command: string): boolean => spawnSync(command, ['--version']).status === 0;
const able = has('buildah') && has('runc') && process.getuid?.() === 0;
if (!able)
  process.stderr.write('image.slow.test.ts: skipped, buildah, runc or root is absent here\n');

const build = (out: string): string =>
  execFileSync(process.execPath, [path.join(ROOT, 'sandbox-images', 'build.mjs'), out], {
    encoding: 'utf8',
  }).trim();

const UID = 65532;
/** A container without capabilities, new privileges or a writable root; the network is the machine's. */
function bundle(directory: string, root: string, args: readonly string[]): string {
  const data = path.join(directory, 'data');
  mkdirSync(data, { mode: 0o700 });
  chownSync(data, UID, UID);
  const mount = (destination: string, type: string, source: string, options: string[] = []) => ({
    destination,
    type,
    source,
    options,
  });
  const config = {
    ociVersion: '1.0.2',
    process: {
      terminal: false,
      user: { uid: UID, gid: UID },
      args,
      env: ['KAKEHASHI_DATA=/data', 'NODE_ENV=production'],
      cwd: '/app',
      noNewPrivileges: true,
      capabilities: { bounding: [], effective: [], permitted: [] },
    },
    root: { path: root, readonly: true },
    mounts: [
      mount('/proc', 'proc', 'proc'),
      mount('/dev', 'tmpfs', 'tmpfs', ['nosuid', 'mode=755', 'size=65536k']),
      mount('/tmp', 'tmpfs', 'tmpfs', ['nosuid', 'nodev', 'noexec', 'mode=1777', 'size=64m']),
      mount('/data', 'bind', data, ['bind', 'rw', 'nosuid', 'nodev', 'noexec']),
    ],
    linux: { namespaces: ['pid', 'ipc', 'uts', 'mount'].map((type) => ({ type })) },
  };
  writeFileSync(path.join(directory, 'config.json'), JSON.stringify(config));
  return directory;
}

const contained = (root: string, args: readonly string[]) => {
  const directory = bundle(scratch(), root, args);
  const id = `kakehashi-${path.basename(directory)}`;
  return {
    id,
    child: spawn('runc', ['run', '--bundle', directory, id], { stdio: ['ignore', 'pipe', 'pipe'] }),
  };
};

test.skipIf(!able)(
  'one checkout, one digest; started, it serves as nobody and ends when it is told to',
  async () => {
    const out = scratch();
    const [first, second] = ['a', 'b'].map((name) => build(path.join(out, name)));
    match(first ?? '', /^sha256:[0-9a-f]{64}$/);
    strictEqual(first, second);
    const root = path.join(out, 'a', 'root');
    for (const shell of ['bin/sh', 'usr/bin/sh', 'bin/bash', 'bin/busybox', 'usr/bin/npm']) {
      strictEqual(existsSync(path.join(root, shell)), false, shell);
    }
    const bill = JSON.parse(readFileSync(path.join(root, 'app', 'sbom.json'), 'utf8')) as {
      bomFormat: string;
      components: { name: string }[];
    };
    strictEqual(bill.bomFormat, 'CycloneDX');
    ok(bill.components.some(({ name }) => name === 'fastify'));
    ok(!bill.components.some(({ name }) => name === 'vitest'));

    const probe = contained(root, [
      '/usr/bin/node',
      '-e',
      `
    const { writeFileSync } = require('node:fs');
    const tried = (file) => { try { writeFileSync(file, ''); return 'written'; } catch (error) { return error.code; } };
    console.log(JSON.stringify([process.getuid(), tried('/app/x'), tried('/x'), tried('/data/x')]));`,
    ]);
    let printed = '';
    probe.child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    await once(probe.child, 'close');
    deepStrictEqual(JSON.parse(printed), [UID, 'EROFS', 'EROFS', 'written']);

    const service = contained(root, [
      '/usr/bin/node',
      '--disable-proto=delete',
      '/app/dist/cli.js',
      'sandbox',
      '--listen',
      '127.0.0.1:0',
      '--json',
    ]);
    const [line] = (await once(createInterface(service.child.stdout), 'line')) as [string];
    const { url } = JSON.parse(line) as { url: string };
    strictEqual((await fetch(`${url}/readyz`)).status, 200);
    execFileSync('runc', ['kill', service.id, 'TERM']);
    const [code] = (await once(service.child, 'close')) as [number];
    strictEqual(code, 0);
  },
  900_000,
);
