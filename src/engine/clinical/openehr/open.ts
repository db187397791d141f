/**
 * openEHR compositions as a source of a cohort: `.json` files with one composition, `.ndjson` with
 * one on each line, and folders of them, in which a folder below is one person's.
 * @module
 */
import path from 'node:path';
import { check } from '../../../base/errors.ts';
import { planColumns } from '../../../cohort/schema.ts';
import { appendRecords } from '../event-tables.ts';
import { linesOf, textOf } from '../lines.ts';
import { type RecordFile, recordFiles } from '../record-files.ts';
import type { ClinicalReader, ClinicalRequest } from '../source.ts';
import { type CompositionText, type OpenEhrColumn, readOpenEhr } from './read.ts';

const LINES = ['.ndjson', '.jsonl'];
/** UTF-16 units of one composition in a file of its own. */
const LARGEST = 1 << 26;

function openEhrColumns({ section, holder }: ClinicalRequest): OpenEhrColumn[] {
  const maps = section.maps?.[holder] ?? {};
  return planColumns(section).flatMap(({ name }) => {
    const map = Object.hasOwn(maps, name) ? maps[name] : undefined;
    return map !== undefined && 'openehr' in map ? [{ column: name, map: map.openehr }] : [];
  });
}

async function wholeText(file: RecordFile, request: ClinicalRequest): Promise<string> {
  let text = '';
  for await (const piece of textOf(file.path, file.name, request.encoding)) {
    text += piece;
    check(text.length <= LARGEST, 'COHORT_UNREADABLE', `${file.name}: is too long`);
  }
  return text;
}

async function* textsOf(
  file: RecordFile,
  request: ClinicalRequest,
): AsyncGenerator<CompositionText, void, undefined> {
  const folder = file.folder === undefined ? {} : { folder: file.folder };
  if (!LINES.includes(path.extname(file.path).toLowerCase())) {
    yield { text: await wholeText(file, request), name: file.name, ...folder };
    return;
  }
  let number = 0;
  for await (const text of linesOf(textOf(file.path, file.name, request.encoding), file.name)) {
    number += 1;
    if (text.trim() !== '') yield { text, name: `${file.name}: line ${number}`, ...folder };
  }
}

export const openOpenEhr: ClinicalReader = async (request) => {
  const files = await recordFiles(request.paths, ['.json', ...LINES], true);
  return {
    fill: async (session) => {
      let records = 0;
      async function* texts(): AsyncGenerator<CompositionText, void, undefined> {
        for (const file of files) {
          for await (const text of textsOf(file, request)) {
            records += 1;
            yield text;
          }
        }
      }
      const names = planColumns(request.section).map(({ name }) => name);
      await appendRecords(session, names, readOpenEhr(texts(), openEhrColumns(request)));
      return { read: [{ name: 'COMPOSITION', records }], warnings: [] };
    },
  };
};
