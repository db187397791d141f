/**
 * Who may do what: one table, operation by role, decided for the study that a request is about.
 *
 * A role follows from the signed study and the configuration alone. A handler that answers
 * without having been allowed to is a fault of ours and answers INTERNAL instead.
 * @module
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { check } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import type { PublicKeyText } from '../base/sign.ts';
import type { Study } from '../flows/study-terms.ts';

export type Role = 'analyst' | 'steward' | 'holder';

const MEMBERS: readonly Role[] = ['analyst', 'steward', 'holder'];

const ACCESS = {
  // Open: what is answered is the same for everybody.
  live: 'everybody',
  ready: 'everybody',
  // Of the caller: the answer holds only what is the caller's own.
  listStudies: 'principal',
  readInbox: 'principal',
  // Of one study.
  createStudy: ['analyst', 'steward'],
  readStudy: MEMBERS,
  priceQuery: MEMBERS,
  createQuery: ['analyst'],
  readQuery: MEMBERS,
  startRun: ['analyst'],
  readRun: MEMBERS,
  readRunEvents: MEMBERS,
  readRelease: MEMBERS,
  sendFrame: ['holder'],
  // Of one study, and of the caller's own table in it.
  listColumns: MEMBERS,
  openColumns: ['holder'],
  storeColumns: ['holder'],
  completeColumns: ['holder'],
  sumColumns: ['holder'],
  eraseColumns: ['holder'],
} as const satisfies Record<string, 'everybody' | 'principal' | readonly Role[]>;

export type OperationId = keyof typeof ACCESS;

declare module 'fastify' {
  interface FastifyContextConfig {
    operation?: OperationId;
  }
  interface FastifyRequest {
    /** Undefined only where everybody may ask. */
    principal: PublicKeyText | undefined;
    allowed: boolean;
  }
}

export type StudyOf = {
  /** The study of a study, query or run id; refuses what is not there. */
  study(id: Digest): Study;
  query(id: Digest): Study;
  run(id: Digest): Study;
};

export class Access {
  readonly #holders: ReadonlyMap<string, PublicKeyText>;

  constructor(holders: ReadonlyMap<string, PublicKeyText>) {
    this.#holders = holders;
  }

  roles(principal: PublicKeyText, study: Study): ReadonlySet<Role> {
    const roles = new Set<Role>();
    if (study.analysts.some(({ key }) => key === principal)) roles.add('analyst');
    for (const { name, identity, stewards } of study.holders) {
      if (stewards.keys.includes(principal)) roles.add('steward');
      if (identity === principal && this.#holders.get(name) === principal) roles.add('holder');
    }
    return roles;
  }

  /** The configured name of a holder's identity key. */
  holderName(principal: PublicKeyText): string {
    const found = [...this.#holders].find(([, identity]) => identity === principal);
    check(found !== undefined, 'FORBIDDEN', 'not the identity of a holder');
    return found[0];
  }

  /** Refuses with FORBIDDEN unless the caller has a role in `study` for this operation. */
  allow(request: FastifyRequest, study: Study): void {
    const { operation } = request.routeOptions.config;
    const roles = operation === undefined ? [] : ACCESS[operation];
    const has = this.roles(principalOf(request), study);
    const allowed = typeof roles !== 'string' && roles.some((role) => has.has(role));
    check(allowed, 'FORBIDDEN', `${operation ?? 'nothing'} in ${study.id}`);
    request.allowed = true;
  }
}

/** The authenticated caller. */
export function principalOf(request: FastifyRequest): PublicKeyText {
  check(request.principal !== undefined, 'UNAUTHENTICATED', 'no principal');
  return request.principal;
}

export const isOpen = (request: FastifyRequest): boolean => {
  const { operation } = request.routeOptions.config;
  return operation !== undefined && ACCESS[operation] === 'everybody';
};

/** Requests whose address names the study; the others call `allow` once they know it. */
export function registerAccess(app: FastifyInstance, access: Access, studyOf: StudyOf): void {
  app.decorateRequest('principal');
  app.decorateRequest('allowed', false);

  app.addHook('preHandler', async (request) => {
    if (request.is404) return;
    const { operation } = request.routeOptions.config;
    check(operation !== undefined, 'INTERNAL', 'route without an operation');
    if (typeof ACCESS[operation] === 'string') {
      request.allowed = true;
      return;
    }
    const { study, query, run } = (request.params ?? {}) as Record<string, Digest | undefined>;
    if (study !== undefined) access.allow(request, studyOf.study(study));
    else if (query !== undefined) access.allow(request, studyOf.query(query));
    else if (run !== undefined) access.allow(request, studyOf.run(run));
  });

  app.addHook('onSend', async (request, reply) => {
    const answers = reply.statusCode < 400 && !request.is404;
    check(!answers || request.allowed, 'INTERNAL', 'answer without permission');
  });
}
