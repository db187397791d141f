/** The house rules that a text alone can break, each with its name. */

export type SourceFile = { readonly path: string; readonly text: string };

const LONGEST = 250;
const KEBAB = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.d)?\.(?:ts|tsx|mjs|css|html)$/;
const FORBIDDEN_NAME = /(?:^|[-/.])(?:utils?|helpers?|common|managers?|misc|index)(?:[-/.]|$)/;
/** Where the environment is read: the command line and the configuration of a process. */
const READS_ENVIRONMENT = /^src\/(?:cli\/|(?:holder|sandbox)\/[^/]*config)/;
/** Words by which code would know that it is being tested. */
const TEST_SWITCH = /NODE_ENV|VITEST|KAKEHASHI_TEST|ExactNoise|exact-noise|isTest\b|test\/support/;

/** Comments and strings may talk about what code may not do. */
const codeOf = (text: string): string =>
  text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(?<![:'"`\\])\/\/.*$/gm, '');

const base = (path: string): string => path.split('/').at(-1) ?? path;

/** rule → true where the file breaks it. */
export const RULES: Readonly<Record<string, (file: SourceFile) => boolean>> = {
  'is at most 250 lines': ({ text }) => text.trimEnd().split('\n').length > LONGEST,
  'has a kebab-case name': ({ path }) => !KEBAB.test(base(path)),
  'is named for a concept': ({ path }) => FORBIDDEN_NAME.test(path),
  'starts with a header': ({ text }) => !/^(?:#!.*\n)?(?:\/\*\*|<!--|\/\*)/.test(text),
  'has no default export': ({ text }) => /^\s*export default|as default\b/m.test(codeOf(text)),
  'is no barrel': ({ text }) => /^\s*export \*/m.test(codeOf(text)),
  'reads no environment': ({ path, text }) =>
    !READS_ENVIRONMENT.test(path) && /process\.env|\benv\s*[,}].*node:process/.test(codeOf(text)),
  'knows no test switch': ({ text }) => TEST_SWITCH.test(text),
  'draws no Math.random': ({ text }) => codeOf(text).includes('Math.random'),
};

export const violations = (files: readonly SourceFile[]): string[] =>
  files.flatMap((file) =>
    Object.entries(RULES)
      .filter(([, broken]) => broken(file))
      .map(([rule]) => `${file.path}: ${rule}`),
  );
