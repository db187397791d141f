/**
 * How a command answers: one JSON object or readable text on stdout, everything else on stderr.
 * A refusal is the problem document with --json, its sentence without (DESIGN section 8).
 * @module
 */
import { randomUUID } from 'node:crypto';
import type { InputError, Refusal } from '../base/errors.ts';
import { problemOf } from '../sandbox/problem.ts';
import { inputWords } from './input-words.ts';
import type { Io } from './io.ts';
import { plain } from './table.ts';

export type Answer = { readonly json: object; readonly lines: readonly string[] };

export function printAnswer(io: Io, answer: Answer, json: boolean): void {
  io.out(json ? `${JSON.stringify(answer.json)}\n` : answer.lines.map((l) => `${l}\n`).join(''));
}

const isList = (value: unknown): value is readonly InputError[] => Array.isArray(value);

/** The public fields in words. */
function fieldLines(refusal: Refusal): string[] {
  const fields: Readonly<Record<string, unknown>> = refusal.fields ?? {};
  if (isList(fields['errors'])) {
    return fields['errors'].map(({ pointer, code }) =>
      plain(`  ${pointer === '' ? '/' : pointer}  ${code}  ${inputWords(code)}`).trimEnd(),
    );
  }
  return Object.entries(fields).map(([name, value]) => `  ${name}  ${String(value)}`);
}

/** Details by which this code base tells its own checks apart; the errors below them say it all. */
const JARGON = new Set([
  'shape',
  'meaning',
  'draft',
  'configuration',
  'cohort section',
  'amendment',
]);

function reasonText({ code, detail, fields }: Refusal): string {
  const said = isList((fields as Readonly<Record<string, unknown>> | undefined)?.['errors']);
  if (detail === '' || code === 'INTERNAL' || (said && JARGON.has(detail))) return '';
  return ` (${detail.split('\n').map(plain).join('\n')})`;
}

/** What an unexpected error is, for the person at this machine; elsewhere goes a fixed sentence. */
function causeLines({ cause }: Refusal): string[] {
  if (cause === undefined) return [];
  return [cause instanceof Error ? (cause.stack ?? cause.message) : typeof cause];
}

export function printRefusal(io: Io, refusal: Refusal, json: boolean): void {
  if (json) io.out(`${JSON.stringify(problemOf(refusal, `urn:uuid:${randomUUID()}`))}\n`);
  const { code, message } = refusal;
  const more = code === 'INTERNAL' ? causeLines(refusal) : fieldLines(refusal);
  io.err(`${[message + reasonText(refusal), ...more].join('\n')}\n`);
}
