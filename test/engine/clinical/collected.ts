/** What a reader of clinical records gives for texts that a test wrote. */
import type { ClinicalRecord } from '../../../src/engine/clinical/event.ts';

export async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  for (const item of items) yield await Promise.resolve(item);
}

export async function collected(
  records: AsyncIterable<ClinicalRecord>,
): Promise<readonly ClinicalRecord[]> {
  const all: ClinicalRecord[] = [];
  for await (const record of records) all.push(record);
  return all;
}
