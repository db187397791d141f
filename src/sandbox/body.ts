/**
 * Request bodies: canonical-JSON strictness for JSON (duplicate keys, lone surrogates, text that
 * is not NFC and numbers that a double cannot hold are refused), bytes for CBOR and Arrow, and the raw
 * bytes of all for the hash in the request token.
 * @module
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { fromUtf8 } from '../base/bytes.ts';
import { parseStrict } from '../base/canonical-json.ts';
import { check } from '../base/errors.ts';
import { LAYOUT_LIMITS } from '../image/layout.ts';
import { MAX_FRAME_BYTES } from '../flows/frame.ts';
import { ARROW_TYPE, CBOR_TYPE, JSON_TYPE, RECORD_TYPE, TAR_TYPE } from './media-types.ts';
import { takes } from './operations.ts';
import { MAX_RECORD_BYTES } from './records.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The body as received; empty where there is none. */
    rawBody: Uint8Array;
  }
}

/** The largest JSON document served: a study with every limit used is far below. */
export const JSON_LIMIT = 4 * 1024 * 1024;

/** An image of the largest size, its headers and signatures. */
export const IMAGE_LIMIT = LAYOUT_LIMITS.bytes + 512 * 1024;

const EMPTY = new Uint8Array(0);

const keep = (request: FastifyRequest, body: Buffer): Uint8Array => {
  request.rawBody = new Uint8Array(body.buffer, body.byteOffset, body.length);
  return request.rawBody;
};

export function registerBodies(app: FastifyInstance): void {
  app.decorateRequest('rawBody');
  app.addHook('onRequest', async (request) => {
    request.rawBody = EMPTY;
    if (request.is404) return;
    // Before the body is read: what is not served has no limit of its own.
    const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
    const { operation } = request.routeOptions.config;
    const served = operation === undefined ? JSON_TYPE : takes(operation);
    check(type === undefined || type === served, 'UNSUPPORTED_MEDIA_TYPE', 'content type');
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>(
    JSON_TYPE,
    { parseAs: 'buffer', bodyLimit: JSON_LIMIT },
    async (request: FastifyRequest, body: Buffer) => {
      const bytes = keep(request, body);
      return bytes.length === 0 ? undefined : parseStrict(fromUtf8(bytes));
    },
  );
  app.addContentTypeParser<Buffer>(
    RECORD_TYPE,
    { parseAs: 'buffer', bodyLimit: MAX_RECORD_BYTES },
    async (request: FastifyRequest, body: Buffer) => keep(request, body),
  );
  app.addContentTypeParser<Buffer>(
    TAR_TYPE,
    { parseAs: 'buffer', bodyLimit: IMAGE_LIMIT },
    async (request: FastifyRequest, body: Buffer) => keep(request, body),
  );
  app.addContentTypeParser<Buffer>(
    [CBOR_TYPE, ARROW_TYPE],
    { parseAs: 'buffer', bodyLimit: MAX_FRAME_BYTES },
    async (request: FastifyRequest, body: Buffer) => keep(request, body),
  );
}
