/** The two cookies of a sign-in (RFC 6265bis): for this host only, never for scripts. @module */
import type { FastifyRequest } from 'fastify';

export type CookieName = 'session' | 'sign-in';

/** `__Host-` cookies are refused by browsers without TLS. */
const nameOf = (name: CookieName, secure: boolean): string =>
  `${secure ? '__Host-' : ''}kakehashi-${name}`;

const LONGEST = 4096;

export function readCookie(
  request: FastifyRequest,
  name: CookieName,
  secure: boolean,
): string | undefined {
  const wanted = `${nameOf(name, secure)}=`;
  const found = (request.headers.cookie ?? '')
    .split(';')
    .map((one) => one.trim())
    .filter((one) => one.startsWith(wanted));
  // Two of one name: somebody planted one.
  const value = found.length === 1 ? found[0]?.slice(wanted.length) : undefined;
  return value !== undefined && value.length <= LONGEST && /^[\w.-]+$/.test(value)
    ? value
    : undefined;
}

/** `seconds` 0 deletes it. The way back from the issuer is a cross-site one: there it is Lax. */
export function cookieText(
  name: CookieName,
  value: string,
  seconds: number,
  secure: boolean,
): string {
  const site = name === 'session' ? 'Strict' : 'Lax';
  const parts = [
    `${nameOf(name, secure)}=${value}`,
    'Path=/',
    `Max-Age=${seconds}`,
    'HttpOnly',
    `SameSite=${site}`,
    ...(secure ? ['Secure'] : []),
  ];
  return parts.join('; ');
}
