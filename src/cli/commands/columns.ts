/**
 * `kakehashi columns upload|list|delete`: encrypted columns of a loaded cohort (flow 3). Asks the
 * running holder, whose key and connection they are.
 * @module
 */
import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { fromUtf8 } from '../../base/bytes.ts';
import { type Json, parseStrict } from '../../base/canonical-json.ts';
import { Refusal } from '../../base/errors.ts';
import { askHolder } from '../control-client.ts';
import type { Io } from '../io.ts';
import { dataOption, jsonOption } from '../options.ts';
import { printAnswer } from '../output.ts';

type Flags = { readonly data: string; readonly json?: boolean };
type StudyFlags = Flags & { readonly study: string };
type UploadFlags = StudyFlags & { readonly list?: string; readonly forgetRows?: boolean };

const UPLOAD_HELP = `
Every column of the study goes over encrypted under a key that never leaves this holder. Sums
multiply two columns once at most. What needs more is uploaded as a column of its own, from a list:

  { "format": "kakehashi/columns/1",
    "indicators": [ { "where": { "column": "age", "ge": 40 } },
                    { "where": { "column": "age", "ge": 40 }, "groupBy": ["sex"] } ],
    "measures": [ { "name": "high", "proportion": { "column": "hba1c", "ge": 6.5 } } ] }

in the words of a query. The list is public. An interrupted upload goes on when called again.`;

const STUDY = ['--study <id>', 'id of the study, accepted at this holder'] as const;

type Table = Readonly<Record<string, unknown>>;

const tableLine = ({ table, study, state, blocks, columns }: Table): string =>
  `${String(state)}: table ${String(table).slice(0, 12)} of study ${String(study).slice(0, 12)}, ` +
  `${String(columns)} encrypted columns, ${String(blocks)} blocks of 8128 people`;

async function readList(file: string | undefined): Promise<Json | undefined> {
  if (file === undefined) return undefined;
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new Refusal('FILE_NOT_FOUND', file, undefined, { cause });
  });
  return parseStrict(fromUtf8(new Uint8Array(bytes)));
}

const uploadCommand = (io: Io): Command =>
  new Command('upload')
    .description('encrypt the loaded cohort of a study column by column and hand it to the sandbox')
    .requiredOption(...STUDY)
    .option('--list <file>', 'JSON list of further columns')
    .option('--forget-rows', 'delete the loaded rows once the sandbox has everything')
    .addOption(dataOption(io, 'holder'))
    .addOption(jsonOption())
    .addHelpText('after', UPLOAD_HELP)
    .action(async ({ data, study, list: file, forgetRows = false, json = false }: UploadFlags) => {
      const list = await readList(file);
      const body = { study, forgetRows, ...(list === undefined ? {} : { list }) };
      const answer = await askHolder(data, 'POST', '/v1/columns', body);
      printAnswer(io, { json: answer, lines: [tableLine(answer as Table)] }, json);
    });

const listCommand = (io: Io): Command =>
  new Command('list')
    .description('encrypted columns of this holder')
    .addOption(dataOption(io, 'holder'))
    .addOption(jsonOption())
    .action(async ({ data, json = false }: Flags) => {
      const answer = await askHolder(data, 'GET', '/v1/columns');
      const { tables } = answer as { readonly tables: readonly Table[] };
      const lines = tables.length === 0 ? ['No encrypted columns.'] : tables.map(tableLine);
      printAnswer(io, { json: answer, lines }, json);
    });

const DELETE_HELP = `
The key is destroyed first: from then on nobody can read a copy, wherever it is. Then the sandbox
deletes what it has. The answer is a statement about both, signed by this holder.`;

const deleteCommand = (io: Io): Command =>
  new Command('delete')
    .description('destroy the key of encrypted columns and have the sandbox delete them')
    .requiredOption(...STUDY)
    .addOption(dataOption(io, 'holder'))
    .addOption(jsonOption())
    .addHelpText('after', DELETE_HELP)
    .action(async ({ data, study, json = false }: StudyFlags) => {
      const answer = await askHolder(data, 'POST', `/v1/columns/${study}/erasure`);
      printAnswer(io, { json: answer, lines: [JSON.stringify(answer, undefined, 2)] }, json);
    });

export const columnsCommand = (io: Io): Command =>
  new Command('columns')
    .description('columns that the sandbox sums without being able to read them')
    .addCommand(uploadCommand(io))
    .addCommand(listCommand(io))
    .addCommand(deleteCommand(io));
