/**
 * A configuration as it may be shown. Secrets are never values, only paths, but the address of a
 * proxy may carry a password, and somebody may have put one where it does not belong.
 * @module
 */
const CENSOR = '[redacted]';
const SECRET_NAME = /(?:passphrase|password|secret|token|credential)(?!.*File$)/i;

function shown(name: string, value: unknown): unknown {
  if (SECRET_NAME.test(name)) return CENSOR;
  if (typeof value === 'string') return withoutPassword(value);
  if (Array.isArray(value)) return value.map((one) => shown('', one));
  if (typeof value === 'object' && value !== null) return redacted(value);
  return value;
}

/** User and password of an address, whatever else is wrong with it. */
const withoutPassword = (text: string): string =>
  text.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, `$1${CENSOR}@`);

export const redacted = (configuration: object): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(configuration).map(([name, value]) => [name, shown(name, value)]),
  );
