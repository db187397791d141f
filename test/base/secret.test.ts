/** Secret bytes never reach text: not by string conversion, JSON, inspection or a logger. */
import { equal, ok, throws } from 'node:assert/strict';
import { Writable } from 'node:stream';
import { format, inspect } from 'node:util';
import { pino } from 'pino';
import { describe, test } from 'vitest';
import { Refusal } from '../../src/base/errors.ts';
import { Secret } from '../../src/base/secret.ts';

const CANARY = 'canary-in-a-secret';
const canary = (): Secret => new Secret('test key', new TextEncoder().encode(CANARY));

const HEAD = [...new TextEncoder().encode(CANARY)].slice(0, 4);
/** Every spelling in which the bytes could leak: text, decimal list, hexadecimal, base64. */
const SPELLINGS = [
  CANARY,
  HEAD.join(','),
  Buffer.from(HEAD).toString('hex'),
  Buffer.from(CANARY).toString('base64').slice(0, 12),
];

/** White space aside, because inspection lays lists out in columns. */
const leaks = (text: string): boolean =>
  SPELLINGS.some((spelling) => text.replaceAll(/\s/g, '').includes(spelling));

function logged(fields: Record<string, unknown>): string {
  let text = '';
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  pino(sink).info(fields, 'line');
  return text;
}

describe('Secret', () => {
  test('control: the same bytes outside a Secret are caught by every reader', () => {
    const bytes = new TextEncoder().encode(CANARY);
    ok(leaks(inspect(bytes)));
    ok(leaks(String(bytes)));
    ok(leaks(JSON.stringify({ key: [...bytes] })));
    ok(leaks(logged({ key: Buffer.from(bytes).toString('hex') })));
  });

  const ways: Record<string, (secret: Secret) => string> = {
    template: (secret) => `${secret.toString()} ${[secret].join()}`,
    concatenation: (secret) => ''.concat(secret as unknown as string),
    json: (secret) => JSON.stringify({ secret, nested: [secret] }),
    inspect: (secret) => inspect({ secret }, { depth: 9, showHidden: true }),
    format: (secret) => format('%s %o %O %j', secret, secret, secret, secret),
    logger: (secret) => logged({ secret, nested: { secret } }),
    keys: (secret) => JSON.stringify(Object.entries(secret)),
  };
  for (const [name, print] of Object.entries(ways)) {
    test(`does not print by ${name}`, () => {
      const text = print(canary());
      ok(!leaks(text), name);
      ok(text.includes('test key'), 'the label says which secret it was');
    });
  }

  test('a structured clone carries no bytes', () => {
    ok(!leaks(inspect(structuredClone(canary()), { depth: 9, showHidden: true })));
  });

  test('expose gives the bytes until the wipe, which clears them', () => {
    let bytes: Uint8Array;
    let escaped: Secret;
    {
      using secret = canary();
      bytes = secret.expose();
      escaped = secret;
      equal(new TextDecoder().decode(bytes), CANARY);
    }
    ok(bytes.every((byte) => byte === 0));
    throws(
      () => escaped.expose(),
      (error) => error instanceof Refusal && error.code === 'PROTOCOL_STATE',
    );
  });
});
