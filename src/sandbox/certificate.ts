/**
 * Certificate and key of the listener, replaced while it runs: the files are looked at every few
 * seconds and a new pair that fits together is taken for new connections; open ones go on. A pair that
 * does not fit, is unreadable or has a key that others can read is logged, and the old one stays.
 *
 * Files are compared by content, so that a link that is moved (as Kubernetes mounts secrets) is
 * noticed as well.
 * @module
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { Server } from 'node:http';
import { Server as SecureServer } from 'node:https';
import type { Logger } from 'pino';
import { asRefusal, check, refuseAs } from '../base/errors.ts';
import type { Tls } from './app.ts';

const LOOK_EVERY_MS = 5000;

/** Refuses with KEY_FILE_INVALID a key that is not that of the certificate. */
export function checkPair({ cert, key }: Tls): X509Certificate {
  return refuseAs('KEY_FILE_INVALID', 'TLS certificate and key', () => {
    const certificate = new X509Certificate(cert);
    const fits = certificate.checkPrivateKey(createPrivateKey(key));
    check(fits, 'KEY_FILE_INVALID', 'the TLS key is not that of the certificate');
    return certificate;
  });
}

export type Watch = { stop(): void };

/** `read` gives the pair as it is in the files now; `server` has the one it began with. */
export function watchCertificate(
  server: Server | SecureServer,
  read: () => Tls | undefined,
  log: Logger,
  every = LOOK_EVERY_MS,
): Watch {
  if (!(server instanceof SecureServer)) return { stop: () => undefined };
  let current = read();
  let complaint = '';
  const look = (): void => {
    try {
      const next = read();
      if (next === undefined || current === undefined) return;
      if (next.cert.equals(current.cert) && next.key.equals(current.key)) return;
      const { validTo } = checkPair(next);
      server.setSecureContext({ ...next, minVersion: 'TLSv1.3' });
      current = next;
      complaint = '';
      log.info({ validTo }, 'certificate replaced');
    } catch (error) {
      const { code, detail } = asRefusal(error);
      // Half written, mostly: said once, not every few seconds.
      if (complaint !== detail) log.error({ code, detail }, 'certificate not replaced');
      complaint = detail;
    }
  };
  const timer = setInterval(look, every).unref();
  return { stop: () => clearInterval(timer) };
}
