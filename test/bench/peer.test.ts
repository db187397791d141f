/** A peer that is not installed is said to be absent, and compared with by nobody. */
import { equal, match } from 'node:assert/strict';
import { expect, test, vi } from 'vitest';
import { peer } from '../../bench/peer.ts';

test('absent: undefined, and one line on stderr', () => {
  const written: string[] = [];
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
  try {
    equal(peer('no-such-package-of-anybody'), undefined);
  } finally {
    spy.mockRestore();
  }
  expect(written).toHaveLength(1);
  match(written[0] ?? '', /^no-such-package-of-anybody is not installed .*\n$/);
});
