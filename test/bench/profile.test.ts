/** Self time by place: native code counts for its caller, waiting for nothing. */
import { deepStrictEqual, match, ok } from 'node:assert/strict';
import { pbkdf2Sync } from 'node:crypto';
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

test('native code that does all the work shows under its caller', async () => {
  // OpenSSL, so that no compiler can put it into another function.
  const derive = (): Buffer => pbkdf2Sync('secret', 'salt', 50_000, 32, 'sha256');
  const shares = await profile(
    {
      check: () => undefined,
      contenders: new Map([['derive', derive]]),
      bytesPerItem: () => null,
      teardown: () => undefined,
    },
    undefined,
    0.3,
  );
  const own = shares.find(({ where }) => where === 'node:crypto/pbkdf2 (pbkdf2Sync)');
  ok(own !== undefined && own.share > 0.4, profileText(shares));
  match(profileText(shares), /^ *\d+\.\d %  node:crypto/m);
});
