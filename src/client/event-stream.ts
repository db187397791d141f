/**
 * Server-sent events (WHATWG HTML, section 9.2.6): bytes in, events out.
 *
 * `data` lines of an event are joined by a line break, a line that begins with a colon is a
 * comment, an event without data is not dispatched, one that is cut off at the end neither. Line
 * ends are LF or CRLF; a lone CR, which the specification allows as well, is not served.
 * @module
 */
import { check } from '../base/errors.ts';

export type ServerEvent = {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: string;
};

/** The sandbox sends states: an event of this length is not one. */
const MAX_BUFFER = 1 << 20;

async function* lines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let buffer = '';
  for await (const chunk of chunks) {
    buffer += decoder.decode(chunk, { stream: true });
    check(buffer.length <= MAX_BUFFER, 'SANDBOX_RESPONSE', 'event stream line');
    const parts = buffer.split('\n');
    buffer = parts.pop() ?? '';
    for (const line of parts) yield line.endsWith('\r') ? line.slice(0, -1) : line;
  }
}

export async function* serverEvents(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<ServerEvent> {
  let data: string[] = [];
  let event = '';
  // The last id stays in force for later events that carry none.
  let id: string | undefined;
  for await (const line of lines(chunks)) {
    if (line === '') {
      if (data.length > 0) yield { id, event: event || 'message', data: data.join('\n') };
      data = [];
      event = '';
      continue;
    }
    const [, field = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? [];
    if (field === 'data') data.push(value);
    else if (field === 'event') event = value;
    else if (field === 'id' && !value.includes('\0')) id = value;
    check(data.length <= MAX_BUFFER / 64, 'SANDBOX_RESPONSE', 'event stream data');
  }
}
