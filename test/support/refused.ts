/** `deepStrictEqual(refused(() => f(bad)), ['/where/in/1 UNKNOWN_VALUE'])`: what a person is told. */
import { type InputError, Refusal } from '../../src/base/errors.ts';

/** The errors of a refusal as `pointer CODE`, sorted; the code alone where it has none. */
export function refused(action: () => unknown): string[] {
  try {
    action();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { errors } = (error.fields ?? {}) as { readonly errors?: readonly InputError[] };
    return (errors ?? [{ pointer: '', code: String(error.code) }])
      .map(({ pointer, code }) => `${pointer} ${code}`.trim())
      .sort();
  }
  return ['nothing was refused'];
}

/** The object without its undefined members: `{ ...valid, field: undefined }` drops a field. */
export const present = (object: object): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(object as Record<string, unknown>).filter(([, value]) => value !== undefined),
  );
