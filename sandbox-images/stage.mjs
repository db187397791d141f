/**
 * Writes the root of the service image: Node with the libraries it is linked with, the package with
 * what it needs to run, and its bill of materials (CycloneDX, by npm). The same checkout gives the same
 * bytes: nothing of the time, the place or the user is in them.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';

const PACKAGE = path.resolve(import.meta.dirname, '..');
const KEPT = ['package.json', 'package-lock.json', 'dist', 'wasm', 'LICENSE', 'README.md'];
/** Builds dist, which is there already, and would bring a compiler. */
const DROPPED = ['esbuild', '@esbuild', '.bin', '.package-lock.json'];

/** Every file below a folder. */
function* filesBelow(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const at = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(at);
    else if (entry.isFile()) yield at;
  }
}

/** The shared libraries that a program or an addon of this machine loads, by their paths. */
function librariesOf(file) {
  try {
    const lines = execFileSync('ldd', [file], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return [...lines.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, library]) => library);
  } catch {
    // Of another machine: optional packages bring addons for several.
    return [];
  }
}

const isAddon = (file) => /\.(?:node|so(?:\.\d+)*)$/.test(file);

function install(root) {
  const app = path.join(root, 'app');
  mkdirSync(app, { recursive: true });
  for (const name of KEPT)
    cpSync(path.join(PACKAGE, name), path.join(app, name), { recursive: true });
  rmSync(path.join(app, 'dist', '.stamp'), { force: true });
  const npm = (...args) =>
    execFileSync('npm', args, {
      cwd: app,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 1 << 28,
    });
  npm('ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline');
  const bill = JSON.parse(
    npm('sbom', '--omit=dev', '--package-lock-only', '--sbom-format=cyclonedx'),
  );
  // A number drawn by chance and the time are no part of what is in the image.
  delete bill.serialNumber;
  delete bill.metadata.timestamp;
  writeFileSync(path.join(app, 'sbom.json'), `${JSON.stringify(bill, null, 1)}\n`);
  for (const name of DROPPED)
    rmSync(path.join(app, 'node_modules', name), { recursive: true, force: true });
  return app;
}

/** Modes and times that are the same wherever this runs; a folder after what is in it. */
function settle(at) {
  const stat = lstatSync(at);
  if (stat.isDirectory()) for (const name of readdirSync(at)) settle(path.join(at, name));
  if (!stat.isSymbolicLink()) chmodSync(at, stat.mode & 0o100 ? 0o755 : 0o644);
  lutimesSync(at, 0, 0);
}

/** Fills `root`, which must not be there yet. */
export function stage(root) {
  mkdirSync(root, { recursive: true });
  const app = install(root);
  const node = path.join(root, 'usr', 'bin', 'node');
  mkdirSync(path.dirname(node), { recursive: true });
  copyFileSync(realpathSync(process.execPath), node);
  const addons = [...filesBelow(path.join(app, 'node_modules'))].filter(isAddon);
  const libraries = new Set([process.execPath, ...addons].flatMap(librariesOf));
  for (const library of [...libraries].sort()) {
    // What a package brings itself is where its addon looks for it.
    if (library.startsWith(app) || library.includes('node_modules')) continue;
    const target = path.join(root, library);
    mkdirSync(path.dirname(target), { recursive: true });
    copyFileSync(realpathSync(library), target);
  }
  mkdirSync(path.join(root, 'data'), { recursive: true });
  mkdirSync(path.join(root, 'etc'), { recursive: true });
  mkdirSync(path.join(root, 'tmp'), { recursive: true });
  writeFileSync(path.join(root, 'etc', 'passwd'), 'kakehashi:x:65532:65532::/data:/nowhere\n');
  settle(root);
}

if (process.argv[1] === import.meta.filename) {
  const [out] = process.argv.slice(2);
  if (out === undefined) throw new Error('stage.mjs ROOT');
  stage(out);
  const bill = JSON.parse(readFileSync(path.join(out, 'app', 'sbom.json'), 'utf8'));
  process.stdout.write(`staged ${out}, ${bill.components.length} packages\n`);
}
