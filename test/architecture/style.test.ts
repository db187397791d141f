/** House rules over src, each shown first to catch a file that breaks it; no machine path anywhere. */
import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { filesBelow, read } from './source-tree.ts';
import { RULES, type SourceFile, violations } from './style.ts';

const HEADER = '/** A file. @module */\n';
const at = (path: string, code = ''): SourceFile => ({ path, text: HEADER + code });

describe('controls: the checker finds', () => {
  const bad: Record<string, SourceFile> = {
    'is at most 250 lines': at('src/dp/long.ts', 'const x = 1;\n'.repeat(250)),
    'has a kebab-case name': at('src/dp/discreteGaussian.ts'),
    'is named for a concept': at('src/dp/noise-utils.ts'),
    'starts with a header': { path: 'src/dp/a.ts', text: 'export const a = 1;\n' },
    'has no default export': at('src/dp/a.ts', 'export default 1;\n'),
    'is no barrel': at('src/dp/a.ts', "export * from './b.ts';\n"),
    'reads no environment': at('src/holder/main.ts', 'const home = process.env.HOME;\n'),
    'knows no test switch': at('src/holder/main.ts', "if (mode === 'VITEST') noise = 0;\n"),
    'draws no Math.random': at('src/dp/a.ts', 'const x = Math.random();\n'),
  };
  for (const [rule, file] of Object.entries(bad)) {
    test(`a file that breaks "${rule}", and only that`, () => {
      deepStrictEqual(violations([file]), [`${file.path}: ${rule}`]);
    });
  }

  test('every rule has its control', () => deepStrictEqual(Object.keys(bad), Object.keys(RULES)));

  test('a file of 250 lines that talks about forbidden things passes', () => {
    const talk = '// Math.random and process.env are not for here; export default neither.\n';
    deepStrictEqual(violations([at('src/dp/a-1.ts', talk + 'const x = 1;\n'.repeat(248))]), []);
    deepStrictEqual(violations([at('src/cli/colour.ts', 'const no = process.env.NO_COLOR;')]), []);
    deepStrictEqual(violations([at('src/holder/configuration.ts', 'read(process.env);')]), []);
    equal(violations([at('src/index.ts')]).length, 1);
  });
});

test('src keeps the house rules', () => {
  const files = filesBelow('src', ['.ts', '.tsx', '.mjs', '.css', '.html']);
  ok(files.length > 10);
  deepStrictEqual(violations(files.map((path) => ({ path, text: read(path) }))), []);
});

describe('no project file mentions a path of a developer machine', () => {
  // Put together here, so that this file does not mention them either.
  const PATHS = ['work', 'root', 'home', 'Users', 'tmp/bash_jobs'].map((name) => `/${name}/`);
  const mentions = (text: string): string[] => PATHS.filter((path) => text.includes(path));
  const TEXT = ['.ts', '.tsx', '.mjs', '.js', '.json', '.md', '.css', '.html', '.csv', '.txt'];
  const OTHER = [
    'run',
    'LICENSE',
    'Containerfile',
    '.service',
    '.yaml',
    '.yml',
    '.npmrc',
    '.gitignore',
  ];

  test('control: one is found', () => {
    deepStrictEqual(mentions(`see ${['', 'work', 'main'].join('/')}`), [PATHS[0]]);
    deepStrictEqual(mentions('a workbook at the root, at home'), []);
  });

  test('in none of them', () => {
    const files = filesBelow('.', [...TEXT, ...OTHER]);
    ok(files.includes('package.json') && files.includes('.config/build.mjs'));
    deepStrictEqual(
      files.flatMap((file) => mentions(read(file)).map((path) => `${file}: ${path}`)),
      [],
    );
  });
});
