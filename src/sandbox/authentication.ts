/**
 * Who sends a request: every route but those open to everybody takes a token that the caller
 * signed for this one request (engine/transport/request-token.ts).
 *
 * The signature is checked before a byte of the body is read, and of a stranger (members.ts)
 * only what is open to strangers is. Then the body is read, up to the limit of its type, and must
 * have the hash that was signed. Last, the id of the token is remembered durably, so that a
 * replay is refused, also after a restart; a stranger's is not, so that nobody can fill the store
 * with keys of its own making.
 * @module
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { check } from '../base/errors.ts';
import type { PublicKeyText } from '../base/sign.ts';
import type { SandboxTokens } from '../engine/sqlite/sandbox-tokens.ts';
import {
  bodyHash,
  verifyRequestToken,
  type VerifiedToken,
} from '../engine/transport/request-token.ts';
import type { Clock } from '../flows/ports.ts';
import { isOpen } from './access.ts';
import { OPEN_TO_STRANGERS } from './access-table.ts';
import type { Members } from './members.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Undefined before it is checked, and where everybody may ask. */
    token: (VerifiedToken & { readonly stranger: boolean }) | undefined;
  }
}

const BEARER = /^Bearer ([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)$/;
const LONGEST = 4096;

function bearer(request: FastifyRequest): string {
  const header = request.headers.authorization ?? '';
  check(header.length <= LONGEST, 'UNAUTHENTICATED', 'token length');
  const token = BEARER.exec(header)?.[1];
  check(token !== undefined, 'UNAUTHENTICATED', 'no bearer token');
  return token;
}

const needsToken = (request: FastifyRequest): boolean => !request.is404 && !isOpen(request);

/** From here on every line about the request names who acts. */
function setPrincipal(request: FastifyRequest, principal: PublicKeyText): void {
  request.principal = principal;
  request.log = request.log.child({ principal });
}

export type AuthenticationOptions = {
  readonly tokens: SandboxTokens;
  readonly clock: Clock;
  readonly members: Members;
};

export function registerAuthentication(
  app: FastifyInstance,
  { tokens, clock, members }: AuthenticationOptions,
): void {
  app.decorateRequest('token');

  app.addHook('onRequest', async (request, reply) => {
    if (!needsToken(request)) return;
    const { method, url: path } = request;
    const token = await verifyRequestToken(bearer(request), { method, path }, clock.now());
    setPrincipal(request, token.key);
    reply.log = request.log;
    const stranger = !members.knows(token.key);
    const { operation } = request.routeOptions.config;
    const open = operation !== undefined && OPEN_TO_STRANGERS.includes(operation);
    check(!stranger || open, 'FORBIDDEN', 'a stranger');
    request.token = { ...token, stranger };
  });

  app.addHook('preValidation', async ({ token, rawBody }) => {
    if (token === undefined) return;
    const { key, id, forgetAfter, stranger } = token;
    check(bodyHash(rawBody) === token.bodyHash, 'UNAUTHENTICATED', 'bound to another body');
    if (stranger) return;
    check(tokens.use(key, id, forgetAfter, clock.now()), 'REPLAYED_REQUEST', 'token id');
  });
}
