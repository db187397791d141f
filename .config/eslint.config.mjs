/** Lint rules: typescript-eslint's strict, type-checked set, plus the house rules a tool can see. */
import tseslint from 'typescript-eslint';

/** Rows that are pure functions: no clock, no environment, no randomness of their own. */
const PURE = [
  'base',
  'kernels',
  'he',
  'psi',
  'linkage',
  'dp',
  'audit',
  'ledger',
  'analysis',
  'cohort',
  'study',
  'image',
].map((folder) => `src/${folder}/**/*.ts`);

const noMathRandom = {
  object: 'Math',
  property: 'random',
  message: 'Randomness is a parameter: take an Rng (src/base/rng.ts).',
};

export default tseslint.config(
  {
    ignores: [
      '**/node_modules/**',
      'dist/**',
      'coverage/**',
      'wasm/**',
      'sandbox-images/**',
      'bench/peers/**',
      'bench/results/**',
    ],
  },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: `${import.meta.dirname}/..` },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      'no-console': 'error',
      'no-restricted-properties': ['error', noMathRandom],
      'no-restricted-exports': [
        'error',
        {
          restrictDefaultExports: {
            direct: true,
            named: true,
            defaultFrom: true,
            namedFrom: true,
            namespaceFrom: true,
          },
        },
      ],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // Numbers and bigints in a detail or a label read well; objects and undefined never do.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // `() => deepStrictEqual(a, b)` is how checks and tests are written here.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      // A port's method is async whether or not this adapter has something to wait for.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' },
      ],
      // Empty asynchronous stand-ins and default callbacks are plain.
      '@typescript-eslint/no-empty-function': 'off',
    },
  },
  {
    files: PURE,
    rules: {
      'no-restricted-properties': [
        'error',
        noMathRandom,
        { object: 'Date', property: 'now', message: 'Time is a parameter below src/flows.' },
        { object: 'performance', property: 'now', message: 'Time is a parameter below src/flows.' },
        { object: 'process', property: 'env', message: 'No environment below src/flows.' },
      ],
      'no-restricted-globals': ['error', 'fetch', 'setTimeout', 'setInterval'],
      'no-restricted-syntax': [
        'error',
        {
          selector: "NewExpression[callee.name='Date'][arguments.length=0]",
          message: 'Time is a parameter below src/flows.',
        },
      ],
    },
  },
  {
    // Faces talk to people; the bench prints its table.
    files: ['src/cli/**/*.ts', 'bench/**/*.ts', 'test/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    // A declaration file says what a package exports.
    files: ['bench/cases/**/*.ts', '.config/**/*.ts', 'test/**/*.d.ts'],
    rules: { 'no-restricted-exports': 'off' },
  },
);
