/**
 * Who sends a request: every route but those open to everybody takes a token that the caller
 * signed for this one request (engine/transport/request-token.ts). Its id is remembered durably
 * before anything else happens, so a replay is refused, also after a restart.
 *
 * The token hashes the body, so the body is read first, up to the limit of its type; without a
 * token that could be one it is not read at all.
 * @module
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { check } from '../base/errors.ts';
import type { SandboxTokens } from '../engine/sqlite/sandbox-tokens.ts';
import { verifyRequestToken } from '../engine/transport/request-token.ts';
import type { Clock } from '../flows/ports.ts';
import { isOpen } from './access.ts';

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

export type AuthenticationOptions = { readonly tokens: SandboxTokens; readonly clock: Clock };

export function registerAuthentication(
  app: FastifyInstance,
  { tokens, clock }: AuthenticationOptions,
): void {
  app.addHook('onRequest', async (request) => {
    if (needsToken(request)) bearer(request);
  });

  app.addHook('preValidation', async (request, reply) => {
    if (!needsToken(request)) return;
    const { method, url: path, rawBody: body } = request;
    const now = clock.now();
    const { key, id, forgetAfter } = await verifyRequestToken(
      bearer(request),
      { method, path, body },
      now,
    );
    check(tokens.use(key, id, forgetAfter, now), 'REPLAYED_REQUEST', 'token id');
    request.principal = key;
    request.log = request.log.child({ principal: key });
    reply.log = request.log;
  });
}
