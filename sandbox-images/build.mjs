/**
 * Builds the service image with buildah, without a daemon: `node sandbox-images/build.mjs OUT`
 * leaves an OCI image in OUT/image and prints its digest. Two builds of one checkout have the same.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { stage } from './stage.mjs';

/** The digest of the image's manifest. */
export function build(out) {
  mkdirSync(out, { recursive: true });
  stage(path.join(out, 'root'));
  copyFileSync(path.join(import.meta.dirname, 'Containerfile'), path.join(out, 'Containerfile'));
  const store = [
    '--storage-driver',
    'vfs',
    '--root',
    path.join(out, 'store'),
    '--runroot',
    path.join(out, 'run'),
  ];
  const buildah = (...args) =>
    execFileSync('buildah', [...args.slice(0, 1), ...store, ...args.slice(1)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  buildah(
    'bud',
    '--isolation',
    'chroot',
    '--timestamp',
    '0',
    '--format',
    'oci',
    '--tag',
    'kakehashi',
    out,
  );
  buildah('push', 'kakehashi', `oci:${path.join(out, 'image')}:kakehashi`);
  rmSync(path.join(out, 'store'), { recursive: true, force: true });
  const index = JSON.parse(readFileSync(path.join(out, 'image', 'index.json'), 'utf8'));
  return index.manifests[0].digest;
}

if (process.argv[1] === import.meta.filename) {
  const [out] = process.argv.slice(2);
  if (out === undefined) throw new Error('build.mjs OUT');
  process.stdout.write(`${build(path.resolve(out))}\n`);
}
