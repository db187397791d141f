/**
 * The operator's log: JSON lines on standard error through pino, so that standard output stays
 * data. Fields that could ever hold a secret or a body are censored by name as a second line of
 * defence; the first is that nobody logs them.
 * @module
 */
import { type DestinationStream, destination, type Logger, pino } from 'pino';
import { Refusal } from '../base/errors.ts';

export type LogOptions = {
  readonly role: 'sandbox' | 'holder';
  readonly level: string;
  /** Default: standard error. */
  readonly stream?: DestinationStream;
};

const CENSORED = ['authorization', 'body', 'key', 'seed', 'share', 'secret', 'vector', 'value'];

/** Class, code and stack of an error; of its message only our own fixed sentences. */
export function errorFields(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { name: typeof error };
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return {
    name: error.name,
    ...('code' in error ? { code: String(error.code) } : {}),
    ...(error instanceof Refusal ? { message: error.message } : {}),
    stack: frames.slice(0, 8).map((line) => line.trim()),
    ...(error.cause === undefined ? {} : { cause: errorFields(error.cause) }),
  };
}

/** A `Log`, and what Fastify wants of one. */
export function serviceLog({ role, level, stream }: LogOptions): Logger {
  return pino(
    {
      level,
      base: { role },
      // Who acts is in every line: the service itself where nobody else does.
      mixin: (fields, _level, logger) =>
        'principal' in fields || 'principal' in logger.bindings() ? {} : { principal: role },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: CENSORED.flatMap((name) => [name, `*.${name}`]), censor: '[redacted]' },
      serializers: { err: errorFields },
    },
    stream ?? destination({ dest: 2, sync: true }),
  );
}
