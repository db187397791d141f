/**
 * Ternary secrets as bytes, and on a register. Two bits a coefficient, least significant first: 0, 1,
 * and 2 for −1; n/4 bytes. The pair 11 is no coefficient.
 * @module
 */
import { check } from '../../base/errors.ts';
import type { Rng } from '../../base/rng.ts';
import { Secret } from '../../base/secret.ts';
import type { Parameters } from './parameters.ts';
import type { Ring } from './polynomial.ts';
import { ternaryCodes } from './sample.ts';

/** A secret polynomial and the id of the parameter set that it belongs to. */
export type TernaryKey = { readonly parameters: string; readonly secret: Secret };

/** A fresh uniform ternary secret. */
export function drawTernary({ n }: Parameters, label: string, rng: Rng): Secret {
  const codes = ternaryCodes(n, rng);
  const bytes = new Uint8Array(n / 4);
  codes.forEach((code, j) => {
    bytes[j >> 2] = (bytes[j >> 2] as number) | (code << (2 * (j & 3)));
  });
  codes.fill(0);
  return new Secret(label, bytes);
}

/** Are these bytes a ternary secret of dimension n? */
export const isTernary = ({ n }: Parameters, bytes: Uint8Array): boolean =>
  bytes.length === n / 4 && bytes.reduce((bad, byte) => bad | (byte & (byte >> 1) & 0x55), 0) === 0;

/** The transform of s into a register, or of −s with `sign` −1. The caller wipes the machine. */
export function loadSecret(ring: Ring, key: TernaryKey, register: number, sign: 1 | -1 = 1): void {
  const same = key.parameters === ring.parameters.id;
  check(same, 'INVALID_PARAMETER', 'key of another parameter set');
  const bytes = key.secret.expose();
  const ternary = new Int32Array(ring.parameters.n);
  for (let j = 0; j < ternary.length; j++) {
    const code = ((bytes[j >> 2] as number) >> (2 * (j & 3))) & 3;
    ternary[j] = sign * ((code & 1) - (code >> 1));
  }
  ring.machine.clear(register);
  ring.machine.loadSmall(ternary);
  ring.machine.addSmall(register);
  ring.machine.forward(register);
  ternary.fill(0);
}
