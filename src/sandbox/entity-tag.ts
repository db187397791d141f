/**
 * Entity tags (RFC 9110, sections 8.8.3 and 13.1.2): a digest of the bytes that are answered, and of
 * nothing else, so a tag says no more than the answer. `no-store` stays: a tag is for a program
 * that keeps an answer in its memory and asks whether it is still that.
 * @module
 */
import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { JSON_TYPE } from './media-types.ts';

const tagOf = (payload: string): string =>
  `"${createHash('sha256').update(payload).digest('base64url').slice(0, 22)}"`;

/** Weak comparison: a proxy may have weakened the tag by compressing. */
const lists = (header: string, tag: string): boolean =>
  header.trim() === '*' || header.split(',').some((one) => one.trim().replace(/^W\//, '') === tag);

/** Must come after the hook that checks permission. */
export function registerEntityTags(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply, payload) => {
    const type = String(reply.getHeader('content-type') ?? '');
    const tagged =
      request.method === 'GET' &&
      reply.statusCode === 200 &&
      typeof payload === 'string' &&
      type.startsWith(JSON_TYPE);
    if (!tagged) return payload;
    const tag = tagOf(payload);
    void reply.header('etag', tag);
    if (!lists(request.headers['if-none-match'] ?? '', tag)) return payload;
    void reply.code(304).removeHeader('content-type').removeHeader('content-length');
    return '';
  });
}
