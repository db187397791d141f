/**
 * Enforces access-table.ts. A role follows from the signed study and the configuration alone. A
 * handler that answers without having been allowed to is a fault of ours and answers INTERNAL
 * instead.
 * @module
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { check } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import type { PublicKeyText } from '../base/sign.ts';
import type { Study } from '../flows/study-terms.ts';
import { type OperationId, type Role, ruleOf } from './access-table.ts';

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
  study(id: Digest): Promise<Study>;
  query(id: Digest): Promise<Study>;
  run(id: Digest): Promise<Study>;
};

/** Keys by what the configuration of this sandbox says of them. */
export type Staff = {
  readonly holders: ReadonlyMap<string, PublicKeyText>;
  readonly ops: readonly PublicKeyText[];
  readonly auditors: readonly PublicKeyText[];
};

export class Access {
  readonly #staff: Staff;

  constructor(staff: Staff) {
    this.#staff = staff;
  }

  /** What the configuration alone makes of a key. */
  serviceRoles(principal: PublicKeyText): ReadonlySet<Role> {
    const { holders, ops, auditors } = this.#staff;
    const roles = new Set<Role>();
    if ([...holders.values()].includes(principal)) roles.add('holder');
    if (ops.includes(principal)) roles.add('ops');
    if (auditors.includes(principal)) roles.add('auditor');
    return roles;
  }

  /** Roles in `study`; an auditor of the sandbox is one in each of its studies. */
  roles(principal: PublicKeyText, study: Study): ReadonlySet<Role> {
    const { holders, auditors } = this.#staff;
    const roles = new Set<Role>();
    if (study.analysts.some(({ key }) => key === principal)) roles.add('analyst');
    if (auditors.includes(principal)) roles.add('auditor');
    for (const { name, identity, stewards } of study.holders) {
      if (stewards.keys.includes(principal)) roles.add('steward');
      if (identity === principal && holders.get(name) === principal) roles.add('holder');
    }
    return roles;
  }

  /** The configured name of a holder's identity key. */
  holderName(principal: PublicKeyText): string {
    const found = [...this.#staff.holders].find(([, identity]) => identity === principal);
    check(found !== undefined, 'FORBIDDEN', 'not the identity of a holder');
    return found[0];
  }

  /** Refuses with FORBIDDEN unless the caller has a role in `study` for this operation. */
  allow(request: FastifyRequest, study: Study): void {
    this.#decide(request, 'study', this.roles(principalOf(request), study), study.id);
  }

  /** Refuses with FORBIDDEN unless the configuration gives the caller a role for this operation. */
  allowService(request: FastifyRequest): void {
    this.#decide(request, 'service', this.serviceRoles(principalOf(request)), 'the service');
  }

  #decide(
    request: FastifyRequest,
    of: 'service' | 'study',
    has: ReadonlySet<Role>,
    where: string,
  ): void {
    const { operation } = request.routeOptions.config;
    const rule = operation === undefined ? undefined : ruleOf(operation);
    const allowed = rule?.of === of && rule.roles.some((role) => has.has(role));
    check(allowed, 'FORBIDDEN', `${operation ?? 'nothing'} in ${where}`);
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
  return operation !== undefined && ruleOf(operation).of === 'public';
};

/** Requests whose address names the study; the others call `allow` once they know it. */
export function registerAccess(app: FastifyInstance, access: Access, studyOf: StudyOf): void {
  app.decorateRequest('principal');
  app.decorateRequest('allowed', false);

  app.addHook('preHandler', async (request) => {
    if (request.is404) return;
    const { operation } = request.routeOptions.config;
    check(operation !== undefined, 'INTERNAL', 'route without an operation');
    const { of } = ruleOf(operation);
    if (of === 'public' || of === 'signed') {
      request.allowed = true;
      return;
    }
    if (of === 'service') {
      access.allowService(request);
      return;
    }
    const { study, query, run } = (request.params ?? {}) as Record<string, Digest | undefined>;
    if (study !== undefined) access.allow(request, await studyOf.study(study));
    else if (query !== undefined) access.allow(request, await studyOf.query(query));
    else if (run !== undefined) access.allow(request, await studyOf.run(run));
  });

  app.addHook('onSend', async (request, reply) => {
    const answers = reply.statusCode < 400 && !request.is404;
    check(!answers || request.allowed, 'INTERNAL', 'answer without permission');
  });
}
