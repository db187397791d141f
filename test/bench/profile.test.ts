/** Self time by place: native code counts for its caller, waiting for nothing. */
import { deepStrictEqual, match, ok } from 'node:assert/strict';
import { test } from 'vitest';
import { profile, profileText, sharesOf } from '../../bench/profile.ts';

const frame = (functionName: string, url: string) => ({
  functionName,
  url,
  ...{ scriptId: '0', lineNumber: 0, columnNumber: 0 },
});

test('shares of a small profile', () => {
  const nodes = [
    { id: 1, callFrame: frame('(root)', ''), children: [2, 3, 6] },
    { id: 2, callFrame: frame('(idle)', '') },
    { id: 3, callFrame: frame('ours', 'file:///x/dist/a.js'), children: [4, 5, 7] },
    { id: 4, callFrame: frame('wasm-function[3]', 'wasm://wasm/01') },
    { id: 5, callFrame: frame('run', 'file:///x/node_modules/@scope/name/a.js'), children: [8] },
    { id: 6, callFrame: frame('(garbage collector)', '') },
    { id: 7, callFrame: frame('update', 'node:internal/crypto/cipher') },
    { id: 8, callFrame: frame('', '') },
  ];
  const profile = {
    nodes,
    ...{ startTime: 0, endTime: 1000 },
    samples: [2, 3, 4, 4, 5, 6, 7, 8],
    timeDeltas: [500, 10, 20, 20, 10, 15, 5, 20],
  };
  deepStrictEqual(sharesOf(profile, new Map([['wasm://wasm/01', 'kernel ntt']])), [
    { where: 'kernel ntt', share: 0.4 },
    { where: '@scope/name', share: 0.3 },
    { where: '(garbage collector)', share: 0.15 },
    { where: 'ours', share: 0.1 },
    { where: 'node:crypto/cipher (update)', share: 0.05 },
  ]);
});

test('a function that does all the work shows as that', async () => {
  function spin(): number {
    let sum = 0;
    for (let i = 0; i < 3_000_000; i += 1) sum = (sum * 31 + i) | 0;
    return sum;
  }
  const shares = await profile(
    {
      check: () => undefined,
      contenders: new Map([['spin', spin]]),
      bytesPerItem: () => null,
      teardown: () => undefined,
    },
    undefined,
    0.3,
  );
  const own = shares.find(({ where }) => where === 'spin');
  ok(own !== undefined && own.share > 0.4, profileText(shares));
  match(profileText(shares), /^ *\d+\.\d %  spin/);
});
