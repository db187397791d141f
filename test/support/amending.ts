/** Institutions whose stewards amend their study with the shipped command. */
import { writeFileSync } from 'node:fs';
import { command, Institutions, json, QUERY } from './institutions.ts';

type Entry = { readonly body: Readonly<Record<string, string>> };

export class Amending extends Institutions {
  /** The next version of `from`, signed for `holders`; its file. */
  async amend(
    name: string,
    from: string,
    options: readonly string[],
    holders: readonly string[] = this.names,
  ) {
    let file = this.at(`${name}.json`);
    await json(['study', 'amend', from, ...options, '--out', file]);
    for (const holder of holders) file = await this.sign(file, holder);
    return file;
  }

  async sign(file: string, holder: string): Promise<string> {
    const out = file.replace('.json', `-${holder}.json`);
    await json(['study', 'sign', file, '--key', this.at('keys', `${holder}.pem`), '--out', out]);
    return out;
  }

  as(analyst: string): string[] {
    return ['--sandbox', this.url, '--key', this.at('keys', `${analyst}.pem`)];
  }

  async askAs(analyst: string, study: string, rho: string) {
    const file = this.at(`asked-${process.hrtime.bigint()}.json`);
    writeFileSync(file, JSON.stringify({ ...QUERY, rho }));
    const asked = ['query', 'run', file, '--study', study, '--timeout', '60', '--json'];
    return command([...asked, ...this.as(analyst)]);
  }

  submitVersion(file: string) {
    return command(['study', 'submit', file, ...this.as('ana'), '--json']);
  }

  async entries(holder: string): Promise<readonly Entry['body'][]> {
    const { entries } = (await this.ledger(holder)) as unknown as { entries: readonly Entry[] };
    return entries.map(({ body }) => body);
  }

  async spent(holder: string): Promise<string> {
    const { spent } = (await this.ledger(holder)) as unknown as { spent: { rho: string } };
    return spent.rho;
  }
}

export const codeOf = ({ out, err }: { out: string; err: string }): string =>
  /urn:kakehashi:problem:([A-Z_]+)/.exec(out + err)?.[1] ?? 'none';
