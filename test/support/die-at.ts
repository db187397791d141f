/**
 * A holder that dies like kill -9 between storing `step` and sending what follows from it. Started
 * again it goes on with the same bytes, and its ledger has one charge.
 */
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { Institutions } from './institutions.ts';

type Cells = { release: { cells: { group: object; value: number }[] } };
type Entries = { body: { type: string } }[];

export async function chargedOnce(here: Institutions): Promise<void> {
  for (const name of here.names) {
    const { spent, reserved, entries } = await here.ledger(name);
    deepStrictEqual(
      [spent, reserved],
      [
        { rho: '1/100', delta: '0/1' },
        { rho: '0/1', delta: '0/1' },
      ],
    );
    const kinds = (entries as Entries).map(({ body }) => body.type);
    deepStrictEqual(kinds, ['grant', 'load', 'reserve', 'touch', 'vector', 'settle']);
  }
}

export async function dieAt(step: string, here = new Institutions()): Promise<void> {
  const { lu } = await here.open();
  await lu.kill('SIGTERM');
  const doomed = await here.holder('lu', step);
  const asked = here.ask();
  strictEqual(await doomed.gone, 'SIGKILL');
  await here.holder('lu');
  const { code, out, err } = await asked;
  strictEqual(code, 0, err);
  const { cells } = (JSON.parse(out) as Cells).release;
  strictEqual(cells.length, 9);
  await chargedOnce(here);
  // The same again is answered from what is stored, free.
  const again = await here.ask();
  strictEqual(again.code, 0, again.err);
  deepStrictEqual((JSON.parse(again.out) as Cells).release.cells, cells);
  await chargedOnce(here);
}
