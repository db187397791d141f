/** Secrets at rest: round trip, and that moved, swapped or changed bytes do not open. */
import { deepStrictEqual, equal, notDeepStrictEqual, throws } from 'node:assert/strict';
import { inspect } from 'node:util';
import { describe, test } from 'vitest';
import { toHex, utf8 } from '../../src/base/bytes.ts';
import { systemRng } from '../../src/base/rng.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { Vault } from '../../src/base/vault.ts';
import { refusal } from '../support/refusal.ts';

describe('Vault', () => {
  const owner = SigningKey.generate();
  const vault = new Vault(owner, systemRng);
  const locked = vault.lock('ticket', utf8('a seed'));
  const damaged = refusal('DATA_DIRECTORY_DAMAGED');

  test('unlocks what it locked, also in a new process of the same owner', () => {
    deepStrictEqual(vault.unlock('ticket', locked).expose(), utf8('a seed'));
    const again = new Vault(SigningKey.fromPem(owner.toPem()), systemRng);
    deepStrictEqual(again.unlock('ticket', locked).expose(), utf8('a seed'));
    deepStrictEqual(vault.unlock('x', vault.lock('x', new Uint8Array(0))).expose().length, 0);
  });

  test('is 28 bytes longer, fresh every time, and takes its nonce from the generator', () => {
    equal(locked.length, 6 + 28);
    notDeepStrictEqual(vault.lock('ticket', utf8('a seed')), locked);
    const fixed = new Vault(owner, (length) => new Uint8Array(length).fill(9));
    equal(toHex(fixed.lock('t', utf8('a')).subarray(0, 12)), '09'.repeat(12));
  });

  test('another label or another owner is refused', () => {
    throws(() => vault.unlock('vector', locked), damaged);
    throws(() => vault.unlock('', locked), damaged);
    throws(() => new Vault(SigningKey.generate(), systemRng).unlock('ticket', locked), damaged);
  });

  test('every flipped byte and every truncation is refused', () => {
    for (let at = 0; at < locked.length; at += 1) {
      const bad = locked.slice();
      bad[at] = (bad[at] ?? 0) ^ 0x80;
      throws(() => vault.unlock('ticket', bad), damaged);
      throws(() => vault.unlock('ticket', locked.subarray(0, at)), damaged);
    }
  });

  test('derived keys differ by purpose and owner, and repeat', () => {
    const a = vault.derive('a').expose();
    deepStrictEqual(new Vault(owner, systemRng).derive('a').expose(), a);
    notDeepStrictEqual(vault.derive('b').expose(), a);
    notDeepStrictEqual(new Vault(SigningKey.generate(), systemRng).derive('a').expose(), a);
  });

  test('does not print its key', () => {
    const key = vault.derive('a');
    equal(/[0-9a-f]{32}/.test(inspect([vault, key], { showHidden: true, depth: 9 })), false);
  });
});
