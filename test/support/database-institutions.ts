/**
 * Institutions that keep everything but keys, blobs and cohorts in PostgreSQL, a schema each. What their schemas hold
 * at the end is searched for planted rows and keys, as their files are.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { json, Institutions, type Options } from './institutions.ts';
import { freshSchema, POSTGRES_URL, rowsOf, withoutSchema } from './postgres.ts';

export class DatabaseInstitutions extends Institutions {
  readonly schemas = new Map<string, string>();

  override async prepare(options: Options = {}): Promise<void> {
    await super.prepare(options);
    const urlFile = this.at('database-url');
    writeFileSync(urlFile, `${POSTGRES_URL}\n`, { mode: 0o600 });
    for (const name of ['sandbox', ...this.names]) {
      const file = path.join(this.data(name), 'config.json');
      const config = JSON.parse(readFileSync(file, 'utf8')) as object;
      const database = { urlFile, schema: freshSchema() };
      this.schemas.set(name, database.schema);
      writeFileSync(file, JSON.stringify({ ...config, database }));
    }
    // Before the schemas go, and before the search.
    onTestFinished(async () => {
      for (const [name, schema] of this.schemas) {
        writeFileSync(this.at(`rows-of-${name}`), await rowsOf(schema));
      }
    });
  }

  schema(name: string): string {
    const schema = this.schemas.get(name);
    if (schema === undefined) throw new Error(`no schema of ${name}`);
    return schema;
  }

  /** As an operator saves it: a dump of the schema. */
  dump(name: string, file: string): void {
    execFileSync('pg_dump', ['--schema', this.schema(name), '--file', file, POSTGRES_URL]);
  }

  /** The dump in the place of the schema of a service that does not run; a holder is told so. */
  async undump(name: string, file: string): Promise<void> {
    await withoutSchema(this.schema(name), () => {
      execFileSync('psql', ['--quiet', '--set', 'ON_ERROR_STOP=1', '--file', file, POSTGRES_URL], {
        stdio: ['ignore', 'ignore', 'inherit'],
      });
    });
    if (name !== 'sandbox') await json(['ledger', 'recover', '--data', this.data(name)]);
  }
}
