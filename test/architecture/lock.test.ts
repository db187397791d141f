/** The lock file installs everywhere; versions are exact; no dependency is there for nothing. */
import { deepStrictEqual, ok } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { packageOf } from './layers.ts';
import { filesBelow, importsOf, read } from './source-tree.ts';

type Dependencies = Readonly<Record<string, string>>;
type Package = {
  readonly scripts: Dependencies;
  readonly dependencies: Dependencies;
  readonly devDependencies: Dependencies;
};
type Locked = {
  readonly version?: string;
  readonly link?: boolean;
  readonly optionalDependencies?: Dependencies;
};
type Lock = { readonly packages: Readonly<Record<string, Locked>> };

const EXACT = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/;

const inexact = (dependencies: Dependencies): string[] =>
  Object.entries(dependencies)
    .filter(([, version]) => !EXACT.test(version))
    .map(([name]) => name);

/**
 * Optional dependencies without a locked version: `npm install` writes such a lock where a registry
 * lacks a platform's package, and `npm ci` then refuses it.
 */
function unlocked({ packages }: Lock): string[] {
  const names = new Set(Object.keys(packages).map((path) => path.split('node_modules/').at(-1)));
  const missing = Object.values(packages)
    .flatMap(({ optionalDependencies }) => Object.keys(optionalDependencies ?? {}))
    .filter((name) => !names.has(name));
  const bare = Object.entries(packages)
    .filter(([path, { version, link }]) => path !== '' && version === undefined && link !== true)
    .map(([path]) => path);
  return [...new Set([...missing, ...bare])];
}

/** Packages that are run, not imported, by the command that runs them. */
const COMMANDS: Dependencies = { '@biomejs/biome': 'biome', typescript: 'tsc', eslint: 'eslint' };

function unused(
  names: readonly string[],
  imported: ReadonlySet<string>,
  scripts: string,
): string[] {
  return names.filter((name) => {
    if (imported.has(name)) return false;
    // Types of a package are used with it; those of node by every file.
    if (name.startsWith('@types/')) {
      const subject = name.slice('@types/'.length);
      return subject !== 'node' && !imported.has(subject);
    }
    return !new RegExp(`\\b${COMMANDS[name] ?? '(?!)'}\\b`).test(scripts);
  });
}

describe('controls: the checkers find', () => {
  test('a range', () => {
    const some = {
      a: '^1.2.3',
      b: '1.2.3',
      c: '~1.0.0',
      d: 'latest',
      e: '1.5.5-r.5',
      f: '*',
      g: '1',
    };
    deepStrictEqual(inexact(some), ['a', 'c', 'd', 'f', 'g']);
  });
  test('an optional dependency without a version', () => {
    const lock: Lock = {
      packages: {
        '': {},
        'node_modules/a': {
          version: '1.0.0',
          optionalDependencies: { 'a-linux': '1', 'a-mac': '1' },
        },
        'node_modules/a-linux': { version: '1.0.0' },
        'node_modules/b': {},
      },
    };
    deepStrictEqual(unlocked(lock), ['a-mac', 'node_modules/b']);
  });
  test('a dependency that nothing imports or runs', () => {
    const names = ['a', '@b/c', 'typescript', '@types/node', '@types/a', '@types/d', 'eslint'];
    deepStrictEqual(unused(names, new Set(['a']), 'tsc --noEmit'), ['@b/c', '@types/d', 'eslint']);
  });
});

describe('package.json and package-lock.json', () => {
  const { scripts, dependencies, devDependencies } = JSON.parse(read('package.json')) as Package;
  const lock = JSON.parse(read('package-lock.json')) as Lock;

  test('every version is exact', () => {
    deepStrictEqual(inexact({ ...dependencies, ...devDependencies }), []);
  });

  test('every package of the lock has a version, optional ones too', () => {
    ok(Object.keys(lock.packages).length > 50);
    deepStrictEqual(unlocked(lock), []);
  });

  const importedIn = (folders: readonly string[]): Set<string> =>
    new Set(
      folders
        .flatMap((folder) => filesBelow(folder, ['.ts', '.tsx', '.mjs']))
        .flatMap((file) => importsOf(read(file)))
        .map(packageOf),
    );

  test('every dependency is imported or run somewhere', () => {
    const names = Object.keys({ ...dependencies, ...devDependencies });
    const imported = importedIn(['src', 'bench', 'test', '.config', 'wasm']);
    deepStrictEqual(unused(names, imported, Object.values(scripts).join('\n')), []);
  });

  test('what src imports is installed without development tools', () => {
    // `image build` of a source says so where the compiler is not there.
    const optional = ['assemblyscript'];
    const missing = [...importedIn(['src'])].filter(
      (name) =>
        !/^(?:\.|node:)/.test(name) && dependencies[name] === undefined && !optional.includes(name),
    );
    deepStrictEqual(missing, []);
  });
});
