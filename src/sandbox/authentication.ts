/**
 * Who sends a request: every route but those open to everybody takes a token that the caller
 * signed for this one request (engine/transport/request-token.ts); what only reads also takes the
 * session of a sign-in (sign-in.ts).
 *
 * The signature is checked before a byte of the body is read, and of a stranger (members.ts)
 * only what is open to strangers is. Then the body is read, up to the limit of its type, and must
 * have the hash that was signed. Last, the id of the token is remembered, so that a replay is
 * refused: durably where the request can change something; in memory where it only reads, so that
 * in the minute after a restart, or at another process, such a request could be answered again; of
 * a stranger not at all, so that nobody can fill the store with keys of its own making.
 * @module
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { check } from '../base/errors.ts';
import type { PublicKeyText } from '../base/sign.ts';
import type { SandboxTokens } from '../engine/stores/sandbox-tokens.ts';
import {
  bodyHash,
  verifyRequestToken,
  type VerifiedToken,
} from '../engine/transport/request-token.ts';
import type { Clock } from '../flows/ports.ts';
import { isOpen } from './access.ts';
import { OPEN_TO_STRANGERS, ruleOf } from './access-table.ts';
import { readCookie } from './cookies.ts';
import type { Members } from './members.ts';
import type { Limiter } from './protection.ts';
import { SeenTokens } from './seen-tokens.ts';
import type { SignIn } from './sign-in.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Undefined before it is checked, and where everybody may ask. */
    token: (VerifiedToken & { readonly stranger: boolean; readonly reads: boolean }) | undefined;
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
  readonly limiter: Limiter;
  /** Undefined where nobody can sign in. */
  readonly signIn: SignIn | undefined;
};

export function registerAuthentication(
  app: FastifyInstance,
  { tokens, clock, members, limiter, signIn }: AuthenticationOptions,
): void {
  app.decorateRequest('token');
  const seen = new SeenTokens();
  /** A signature goes before a cookie. */
  const sessionOf = (request: FastifyRequest): Promise<PublicKeyText> | undefined => {
    if (signIn === undefined || request.headers.authorization !== undefined) return undefined;
    const session = readCookie(request, 'session', signIn.secure);
    return session === undefined ? undefined : signIn.principal(session);
  };
  const verified = async (request: FastifyRequest): Promise<VerifiedToken> => {
    const { method, url: path } = request;
    return verifyRequestToken(bearer(request), { method, path }, clock.now());
  };

  app.addHook('onRequest', async (request, reply) => {
    if (!needsToken(request)) return;
    const { operation } = request.routeOptions.config;
    const rule = operation === undefined ? undefined : ruleOf(operation);
    const session = rule?.reads === true ? sessionOf(request) : undefined;
    if (session !== undefined) {
      setPrincipal(request, await session);
      reply.log = request.log;
      await limiter.principal(request, reply);
      return;
    }
    const token = await verified(request).catch(async (error: unknown) => {
      await limiter.stranger(request, reply);
      throw error;
    });
    setPrincipal(request, token.key);
    reply.log = request.log;
    const stranger = !(await members.knows(token.key));
    await (stranger ? limiter.stranger : limiter.principal)(request, reply);
    const open = operation !== undefined && OPEN_TO_STRANGERS.includes(operation);
    check(!stranger || open, 'FORBIDDEN', 'a stranger');
    const reads = rule?.reads === true;
    request.token = { ...token, stranger, reads };
  });

  app.addHook('preValidation', async ({ token, rawBody }) => {
    if (token === undefined) return;
    const { key, id, forgetAfter, stranger, reads } = token;
    check(bodyHash(rawBody) === token.bodyHash, 'UNAUTHENTICATED', 'bound to another body');
    if (stranger) return;
    const now = clock.now();
    const fresh = reads
      ? seen.use(`${key} ${id}`, forgetAfter, now)
      : await tokens.use(key, id, forgetAfter, now);
    check(fresh, 'REPLAYED_REQUEST', 'token id');
  });
}
