/** Opens the client for the length of one command. @module */
import { KakehashiClient } from '../client/client.ts';
import { loadKey } from '../engine/keys.ts';
import type { PrincipalFlags } from './options.ts';

export async function withClient<T>(
  flags: PrincipalFlags,
  work: (client: KakehashiClient) => Promise<T>,
): Promise<T> {
  const { sandbox, caFile, proxy, proxyCredentialsFile } = flags;
  const key = await loadKey(flags.key, flags.passphraseFile);
  const client = new KakehashiClient({ sandbox, key, caFile, proxy, proxyCredentialsFile });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}
