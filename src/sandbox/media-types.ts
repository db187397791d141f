/** Media types of the API. @module */
export const JSON_TYPE = 'application/json';
/** RFC 9457. */
export const PROBLEM_TYPE = 'application/problem+json';
export const HTML_TYPE = 'text/html; charset=utf-8';
export const CBOR_TYPE = 'application/cbor';
/** RFC 8742. */
export const CBOR_SEQUENCE_TYPE = 'application/cbor-seq';
/** Records of a linked run. */
export const RECORD_TYPE = 'application/octet-stream';
/** An image layout (src/image/archive.ts). */
export const TAR_TYPE = 'application/x-tar';
export const ARROW_TYPE = 'application/vnd.apache.arrow.stream';
