/** Where a process listens, and how another one is told: `host:port`, IPv6 in brackets. @module */

export type Listen = { readonly host: string; readonly port: number };

export const hostPort = ({ host, port }: Listen): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;

/** Undefined where `text` is none. */
export function readListen(text: string): Listen | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  const host = match?.[1] ?? match?.[2];
  return host === undefined || port > 65_535 ? undefined : { host, port };
}
