/**
 * How to reach the sandbox: its origin, a certificate authority, a proxy (DESIGN section 9,
 * "Configuration"). Through undici, since the `fetch` of Node 20 ignores proxies.
 *
 * TLS is required off loopback: requests are signed but their bodies are not encrypted. Loopback
 * never goes through a proxy, whatever the environment says.
 * @module
 */
import { readFile } from 'node:fs/promises';
import { Agent, type Dispatcher, EnvHttpProxyAgent } from 'undici';
import { fromUtf8 } from '../../base/bytes.ts';
import { type InputError, Refusal, refuseAs } from '../../base/errors.ts';
import { readSecretLine } from '../keys.ts';

export type Reach = {
  /** Scheme, host and port of the sandbox. */
  readonly origin: string;
  /** PEM. Where given, these authorities and no others are trusted for the sandbox. */
  readonly caFile?: string | undefined;
  /** Default: HTTPS_PROXY, unless NO_PROXY names the host. */
  readonly proxy?: string | undefined;
  /** `user:password` for `proxy`, so that neither stands in a command line or a configuration. */
  readonly proxyCredentialsFile?: string | undefined;
};

const CONNECT_TIMEOUT_MS = 10_000;

const invalid = (pointer: string, code: string, cause?: unknown): Refusal => {
  const errors: readonly InputError[] = [{ pointer, code }];
  return new Refusal('CONFIGURATION_INVALID', `${pointer} ${code}`, { errors }, { cause });
};

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

export const isLoopback = (host: string): boolean => LOOPBACK.test(host);

/** `text` as an origin without a path; refuses with CONFIGURATION_INVALID. */
export function checkOrigin(text: string): URL {
  if (!URL.canParse(text)) throw invalid('/sandbox', 'WRONG_FORMAT');
  const url = new URL(text);
  if (!/^https?:$/.test(url.protocol)) throw invalid('/sandbox', 'WRONG_FORMAT');
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw invalid('/sandbox', 'WRONG_FORMAT');
  }
  // A request token is bound to the path as the sandbox sees it.
  if (url.pathname !== '/') throw invalid('/sandbox', 'WRONG_FORMAT');
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw invalid('/sandbox', 'TLS_REQUIRED');
  }
  return url;
}

async function proxyAddress({ proxy, proxyCredentialsFile }: Reach): Promise<string | undefined> {
  if (proxyCredentialsFile === undefined) return proxy;
  if (proxy === undefined) throw invalid('/proxy', 'MISSING_FIELD');
  if (!URL.canParse(proxy)) throw invalid('/proxy', 'WRONG_FORMAT');
  using line = await readSecretLine('proxy credentials', proxyCredentialsFile);
  const text = fromUtf8(line.expose());
  const at = text.indexOf(':');
  if (at < 1) throw invalid('/proxyCredentialsFile', 'WRONG_FORMAT');
  const url = new URL(proxy);
  url.username = encodeURIComponent(text.slice(0, at));
  url.password = encodeURIComponent(text.slice(at + 1));
  return url.href;
}

/** Connections to the sandbox; the caller closes it. */
export async function createDispatcher(reach: Reach): Promise<Dispatcher> {
  const { origin, caFile } = reach;
  const { hostname } = checkOrigin(origin);
  const ca =
    caFile === undefined
      ? undefined
      : await readFile(caFile).catch((cause: unknown) => {
          throw invalid('/caFile', 'FILE_NOT_FOUND', cause);
        });
  const tls = ca === undefined ? {} : { ca };
  const connect = { ...tls, timeout: CONNECT_TIMEOUT_MS };
  if (isLoopback(hostname)) return new Agent({ connect });
  const proxy = await proxyAddress(reach);
  return refuseAs(
    'CONFIGURATION_INVALID',
    '/proxy',
    () =>
      new EnvHttpProxyAgent({
        connect,
        requestTls: connect,
        ...(proxy === undefined ? {} : { httpsProxy: proxy }),
      }),
  );
}
