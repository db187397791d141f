/**
 * Bundles the processes into dist/ with esbuild. Quick, silent when there is nothing to do, safe to
 * run from anywhere and by two processes at once: a lock lets one build, the other then finds it fresh;
 * each file is renamed into place, so a reader never sees half of one.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  rmdirSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const dist = join(root, 'dist');
const lock = join(dist, '.lock');
const stamp = join(dist, '.stamp');

/** name in dist → source. Only those that exist are built. */
const ENTRIES = {
  cli: 'src/cli/main.ts',
  'holder-worker': 'src/holder/worker.ts',
  // Imports nothing of ours: it runs alone inside its walls.
  'image-runner': 'src/engine/images/image-runner.ts',
  'sandbox-worker': 'src/sandbox/worker.ts',
  'self-test-worker': 'src/sandbox/self-test/worker.ts',
  audit: 'src/audit/audit.ts',
  client: 'src/client/client.ts',
  dp: 'src/dp/dp.ts',
  he: 'src/he/he.ts',
  psi: 'src/psi/psi.ts',
  'psi-party': 'src/cli/psi-party.ts',
  'psi-worker': 'src/cli/psi-worker.ts',
  linkage: 'src/linkage/linkage.ts',
  bench: 'bench/run.ts',
  'bench-case': 'bench/bench-case.ts',
  'bench-publish': 'bench/publish.ts',
  'bench-compare': 'bench/compare.ts',
};
/** What a browser is given: a script and a style sheet, with the packages they use inside. */
const PAGES = {
  'benchmarks-page': 'src/console/benchmarks.ts',
  'benchmarks-style': 'src/console/benchmarks.css',
};
/**
 * Packages that go into dist, those they import too: ES modules in many files, of which a process needs few.
 * Reading typebox alone, 680 files, took a third of a second of every start. The others stay as they were
 * installed: they are native, start workers from their own files, or are CommonJS.
 */
const INSIDE = new Set([
  ...['typebox', 'kysely', 'jose', 'oauth4webapi', 'openid-client', 'cborg'],
  ...['@noble/curves', '@noble/hashes', 'mlkem'],
  ...['@hpke/common', '@hpke/core', '@hpke/dhkem-x25519', '@hpke/hybridkem-x-wing'],
]);
// bench/ takes whole flows over in-memory ports from test/support.
const SOURCES = [
  ...['src', 'bench', 'test/support'],
  ...['package.json', 'tsconfig.json', '.config/build.mjs'],
];
const STALE_LOCK_MS = 60_000;

const entries = () =>
  Object.fromEntries(Object.entries(ENTRIES).filter(([, file]) => existsSync(join(root, file))));

/** Newest change below `path`; folders count, so that a deleted file is a change too. */
function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(path).reduce(
    (latest, name) =>
      name === 'node_modules' ? latest : Math.max(latest, newest(join(path, name))),
    stat.mtimeMs,
  );
}

function fresh() {
  if (!existsSync(stamp)) return false;
  const built = statSync(stamp).mtimeMs;
  return (
    Object.keys(entries()).every((name) => existsSync(join(dist, `${name}.js`))) &&
    SOURCES.every((source) => !existsSync(join(root, source)) || newest(join(root, source)) < built)
  );
}

/** Waits for the lock; steals one that a killed build left. */
async function acquire() {
  for (;;) {
    try {
      mkdirSync(lock);
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      const held = statSync(lock, { throwIfNoEntry: false });
      if (held !== undefined && Date.now() - held.mtimeMs > STALE_LOCK_MS) {
        rmSync(lock, { recursive: true, force: true });
      } else {
        await new Promise((wake) => setTimeout(wake, 50));
      }
    }
  }
}

/** Imports of other packages, and of node, stay imports. */
const othersOutside = {
  name: 'others-outside',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ kind, path }) => {
      if (kind === 'entry-point') return undefined;
      const [scope, name] = path.split('/');
      const inside = INSIDE.has(scope.startsWith('@') ? `${scope}/${name}` : scope);
      return inside ? undefined : { path, external: true };
    });
  },
};

/** The licences of the packages that are inside, as these ask for. */
function licences(metafiles) {
  const paths = metafiles.flatMap(({ inputs }) => Object.keys(inputs));
  const packages = new Set(
    paths.map((path) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]),
  );
  packages.delete(undefined);
  const texts = [...packages].sort().map((folder) => {
    const file = readdirSync(join(root, folder)).find((name) => /^licen[cs]e/i.test(name));
    if (file === undefined) throw new Error(`no licence in ${folder}`);
    return `${folder.slice('node_modules/'.length)}\n\n${readFileSync(join(root, folder, file), 'utf8')}`;
  });
  return Buffer.from(texts.join('\n----\n\n'));
}

async function bundle() {
  const started = new Date();
  // Loaded here, because most runs find nothing to do and the command runs this at every start.
  const { build } = await import('esbuild');
  const common = {
    absWorkingDir: root,
    outdir: dist,
    write: false,
    bundle: true,
    metafile: true,
    format: 'esm',
    logLevel: 'warning',
  };
  const programs = await build({
    ...common,
    entryPoints: entries(),
    platform: 'node',
    target: 'node20',
    plugins: [othersOutside],
    splitting: true,
    chunkNames: 'chunk-[hash]',
    sourcemap: 'linked',
  });
  const pages = await build({
    ...common,
    entryPoints: PAGES,
    platform: 'browser',
    target: 'es2022',
    minify: true,
  });
  const inside = licences([programs.metafile, pages.metafile]);
  const outputFiles = [
    ...[...programs.outputFiles, ...pages.outputFiles],
    { path: join(dist, 'licences.txt'), contents: inside },
  ];
  // Shared chunks first: an entry in place always finds what it imports.
  const isChunk = (file) => basename(file.path).startsWith('chunk-');
  const ordered = [...outputFiles.filter(isChunk), ...outputFiles.filter((file) => !isChunk(file))];
  for (const file of ordered) {
    const partial = `${file.path}.${process.pid}.partial`;
    writeFileSync(partial, file.contents);
    renameSync(partial, file.path);
  }
  const keep = new Set([...outputFiles.map((file) => basename(file.path)), '.stamp', '.lock']);
  for (const name of readdirSync(dist)) {
    if (!keep.has(name)) rmSync(join(dist, name), { recursive: true, force: true });
  }
  writeFileSync(stamp, '');
  // The time of reading, not of writing: a source saved during the build is newer than the stamp.
  utimesSync(stamp, started, started);
  return Date.now() - started.getTime();
}

if (!fresh()) {
  mkdirSync(dist, { recursive: true });
  await acquire();
  try {
    if (!fresh()) process.stderr.write(`built dist in ${await bundle()} ms\n`);
  } catch (error) {
    if (error.errors === undefined) throw error;
    process.exitCode = 1; // esbuild has printed what is wrong
  } finally {
    if (existsSync(lock)) rmdirSync(lock);
  }
}
