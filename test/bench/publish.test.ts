/** What bench:publish writes: committed texts are what the committed results say, and nothing else can be. */
import { deepStrictEqual, equal, ok, throws } from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { main as compareMain } from '../../bench/compare.ts';
import { committed, main, standalonePage } from '../../bench/publish.ts';
import { END, numbersBlock, START, withNumbers } from '../../bench/readme-numbers.ts';
import { readResults } from '../../bench/result-files.ts';
import { resultsReadme } from '../../bench/markdown.ts';
import { growthOf } from '../../src/sandbox/benchmarks/growth.ts';
import { parseResults } from '../../src/sandbox/benchmarks/results.ts';
import { refusal } from '../support/refusal.ts';
import { entry, results } from '../support/results.ts';
import { scratch } from '../support/scratch.ts';

for (const [file, text] of committed(readResults())) {
  test(`the committed results say what ${file.split('/').slice(-2).join('/')} says`, () => {
    equal(readFileSync(file, 'utf8'), text);
  });
}

describe('growth', () => {
  const [growth] = growthOf([
    entry('psi/vole', 1 << 10, 1, 100),
    entry('psi/vole', 1 << 14, 32, 250),
  ]);
  test('the slope of a power law is its exponent, and carries on', () => {
    ok(growth !== undefined && Math.abs(growth.slope - 1.25) < 1e-12);
    ok(Math.abs(growth.seconds(1 << 18) - 1024) < 1e-9);
    equal(growth.memoryMb(1 << 15), 250 + (150 * (1 << 14)) / ((1 << 14) - (1 << 10)));
  });
  test('fixed costs of small sizes do not make a slope below 1, and constant traffic stays constant', () => {
    const constant = (size: number, seconds: number) => ({
      ...entry('flow/pooled', size, seconds, 100),
      bytesPerItem: 1000 / size,
    });
    const [flow] = growthOf([constant(10, 1), constant(100, 1.1), constant(1000, 2.2)]);
    ok(flow !== undefined && flow.slope < 0.2);
    equal(flow.carried, 1);
    ok(Math.abs(flow.seconds(10_000) - 22) < 1e-9);
    ok(Math.abs((flow.bytes?.(1e6) ?? 0) - 1000) < 1e-9);
  });
  test('one size has no slope, and key lengths have none', () => {
    deepStrictEqual(growthOf([entry('a/b', 4, 1, 1)]), []);
    const lengths = [
      entry('he/paillier-encrypt', 2048, 1, 1),
      entry('he/paillier-encrypt', 3072, 2, 1),
    ];
    deepStrictEqual(growthOf(lengths), []);
  });
  test('the table of results marks what is extrapolated', () => {
    const text = resultsReadme([
      results(entry('psi/vole', 1 << 16, 0.3, 200), entry('psi/vole', 1 << 20, 3, 900)),
    ]);
    ok(text.includes('**Extrapolated, not measured**'));
    ok(/\| `psi\/vole` \| 1,000,000,000 \| .* min \|/.test(text));
  });
});

describe('the numbers of the README', () => {
  const latest = results(entry('psi/vole', 1 << 16, 0.3, 200));
  test('stand between the marks, with their command, and the rest stays', () => {
    const text = withNumbers(`before\n${START}\nold\n${END}\nafter\n`, latest);
    ok(text.startsWith(`before\n${START}\n`) && text.endsWith(`${END}\nafter\n`));
    ok(text.includes('0.3 s, 36 bytes an element; 3 × peer'));
    ok(text.includes('`npx kakehashi bench psi/vole --sizes 65536`'));
    ok(!text.includes('old'));
    equal(withNumbers(text, latest), text);
    ok(!numbersBlock(latest).includes('he/encrypt'));
  });
  test('a README without marks is refused', () => {
    throws(() => withNumbers('nothing', latest), /marks/);
  });
});

test("results of one's own are published beside them, and nowhere else", () => {
  const folder = scratch();
  equal(main(['--folder', folder]), 1);
  writeFileSync(join(folder, 'run.json'), JSON.stringify(results(entry('psi/vole', 4, 1, 1))));
  const readme = readFileSync('README.md', 'utf8');
  equal(main(['--folder', folder]), 0);
  deepStrictEqual(readdirSync(folder).sort(), ['README.md', 'index.html', 'run.json']);
  ok(readFileSync(join(folder, 'README.md'), 'utf8').includes('`psi/vole`'));
  equal(readFileSync('README.md', 'utf8'), readme);
});

test('arguments that are none publish and compare nothing', () => {
  const folder = scratch();
  const file = (name: string, ...entries: Parameters<typeof results>): string => {
    writeFileSync(join(folder, name), JSON.stringify(results(...entries)));
    return join(folder, name);
  };
  const [one, other] = [file('a', entry('a/b', 4, 1, 1)), file('b', entry('c/d', 4, 1, 1))];
  for (const argv of [['--help'], ['more'], ['--check', '--folder', folder]]) equal(main(argv), 2);
  ok(!existsSync(join(folder, 'index.html')));
  equal(compareMain([one, one]), 0);
  for (const argv of [[one], [one, other], [one, join(folder, 'none')]])
    equal(compareMain(argv), 2);
});

test('the page holds tables, data and script, and text of results cannot break out of it', () => {
  const name = '</script><img src=x>';
  const page = standalonePage([results(entry(name, 4, 1, 1))]);
  ok(page.includes('&lt;/script&gt;&lt;img src=x&gt;'));
  equal(page.split(name).length, 1);
  equal(page.match(/<\/script>/g)?.length, 2);
});

describe('a file that is not of results is refused', () => {
  const good = results(entry('a/b', 4, 1, 1));
  const bad: Record<string, unknown> = {
    'not JSON': '{',
    'another format': { ...good, format: 'kakehashi/bench-results/2' },
    'an unknown field': { ...good, more: 1 },
    'a negative median': { ...good, measurements: [{ ...entry('a/b', 4, 1, 1), median: -1 }] },
    'no samples': { ...good, measurements: [{ ...entry('a/b', 4, 1, 1), times: { ours: [] } }] },
  };
  for (const [name, value] of Object.entries(bad)) {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    test(name, () => {
      throws(() => parseResults(text), refusal('INVALID_PARAMETER'));
    });
  }
  test('control: the good one is taken', () => {
    deepStrictEqual(parseResults(JSON.stringify(good)), good);
  });
});
