/** What `kakehashi doctor` found, one line each. @module */
import type { InputError } from '../../base/errors.ts';
import { asRefusal } from '../../base/errors.ts';

export type Finding = {
  /** Stable, for scripts. */
  readonly check: string;
  readonly status: 'ok' | 'warn' | 'fail';
  /** For the person at this machine. */
  readonly says: string;
};

export const ok = (check: string, says: string): Finding => ({ check, status: 'ok', says });
export const warn = (check: string, says: string): Finding => ({ check, status: 'warn', says });
export const fail = (check: string, says: string): Finding => ({ check, status: 'fail', says });

/** A refusal in one line, with where it points. */
export function reason(error: unknown): string {
  const { code, message, detail, fields } = asRefusal(error);
  const { errors = [] } = (fields ?? {}) as { readonly errors?: readonly InputError[] };
  const places = errors.map((one) => `${one.pointer} ${one.code}`).join(', ');
  const more = code === 'INTERNAL' ? '' : places === '' ? ` (${detail})` : ` (${places})`;
  return message.replace(/\.$/, '') + more;
}
