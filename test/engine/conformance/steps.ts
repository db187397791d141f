/** What every adapter of the `Steps` port must do; `reopen` is a restart on the same storage. */
import { deepStrictEqual, equal, rejects } from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, test } from 'vitest';
import { utf8 } from '../../../src/base/bytes.ts';
import { sha256Hex } from '../../../src/base/hash.ts';
import type { Steps } from '../../../src/flows/ports.ts';

export type OpenSteps = { readonly steps: Steps; readonly reopen: () => Promise<OpenSteps> };

const RUN = sha256Hex(utf8('run'));
const OTHER = sha256Hex(utf8('other run'));

export function stepsConformance(name: string, factory: () => Promise<OpenSteps>): void {
  describe(`${name}: the Steps port`, () => {
    test('computes once, for ever', async () => {
      const opened = await factory();
      let computed = 0;
      const compute = async (): Promise<Uint8Array> => Uint8Array.of((computed += 1));
      deepStrictEqual(await opened.steps.once(RUN, 'a', compute), Uint8Array.of(1));
      deepStrictEqual(await opened.steps.once(RUN, 'a', compute), Uint8Array.of(1));
      deepStrictEqual(
        await (await opened.reopen()).steps.once(RUN, 'a', compute),
        Uint8Array.of(1),
      );
      equal(computed, 1);
    });

    test('keeps runs and names apart, and empty results', async () => {
      const { steps } = await factory();
      const give = (text: string) => () => Promise.resolve(utf8(text));
      await steps.once(RUN, 'a', give('one'));
      deepStrictEqual(await steps.once(RUN, 'a/b', give('two')), utf8('two'));
      deepStrictEqual(await steps.once(OTHER, 'a', give('three')), utf8('three'));
      deepStrictEqual(await steps.once(RUN, 'empty', give('')), new Uint8Array(0));
      deepStrictEqual(await steps.once(RUN, 'empty', give('not')), new Uint8Array(0));
    });

    test('callers at the same time share one computation and no buffer', async () => {
      const { steps } = await factory();
      let computed = 0;
      const compute = async (): Promise<Uint8Array> => {
        await new Promise((wake) => setTimeout(wake, 10));
        return Uint8Array.of((computed += 1), 7);
      };
      const results = await Promise.all([1, 2, 3].map(() => steps.once(RUN, 'a', compute)));
      equal(computed, 1);
      results[0]!.fill(0);
      deepStrictEqual(results[1], Uint8Array.of(1, 7));
      deepStrictEqual(await steps.once(RUN, 'a', compute), Uint8Array.of(1, 7));
    });

    test('a failed computation stores nothing', async () => {
      const { steps } = await factory();
      await rejects(
        steps.once(RUN, 'a', () => Promise.reject(new Error('no'))),
        /no/,
      );
      deepStrictEqual(await steps.once(RUN, 'a', async () => utf8('yes')), utf8('yes'));
    });

    test('publishes a step when it is durable, and only then', async () => {
      const opened = await factory();
      const seen: unknown[] = [];
      const listen = (message: unknown): void => void seen.push(message);
      subscribe('kakehashi:step', listen);
      try {
        await opened.steps.once(RUN, 'a', async () => {
          deepStrictEqual(seen, []);
          return utf8('bytes');
        });
        await opened.steps.once(RUN, 'a', async () => utf8('never'));
      } finally {
        unsubscribe('kakehashi:step', listen);
      }
      deepStrictEqual(seen, [{ run: RUN, name: 'a' }]);
    });
  });
}
