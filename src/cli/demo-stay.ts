/** How to get into a demonstration that stays: addresses, files, and commands to try. @module */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Json } from '../base/canonical-json.ts';
import type { LocalCluster } from './local-cluster.ts';
import { holderDirectory } from './local-keys.ts';
import { factLines } from './table.ts';

export async function stayLines(
  { root, sandbox, study, keys }: LocalCluster,
  query: Json,
): Promise<string[]> {
  const queryFile = join(root, 'query.json');
  await writeFile(queryFile, `${JSON.stringify(query, null, 2)}\n`);
  const holders = study.holders.map(({ name }) => name);
  const [first = ''] = holders;
  const as = `--sandbox ${sandbox} --key ${keys.analyst.file}`;
  return [
    '',
    ...factLines([
      ['sandbox', sandbox],
      ['study', study.id],
      ['analyst key', keys.analyst.file],
      ...holders.map((name) => [`holder ${name}`, holderDirectory(root, name)] as const),
      ['logs', join(root, 'logs')],
    ]),
    '',
    'In another terminal:',
    `  npx kakehashi query price ${queryFile} --study ${study.id} ${as}`,
    `  npx kakehashi query run ${queryFile} --study ${study.id} ${as}`,
    `  npx kakehashi ledger --data ${holderDirectory(root, first)}`,
    `  npx kakehashi study stop ${study.id} --data ${holderDirectory(root, first)}`,
    '',
    'Ctrl-C ends it and removes everything.',
  ];
}
