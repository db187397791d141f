/** Frames over a socket: whole and in order, bounded in memory, and refusals for what goes wrong. */
import { deepStrictEqual, equal, ok, rejects } from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, onTestFinished, test } from 'vitest';
import { SocketChannel } from '../../../src/engine/transport/socket-channel.ts';
import { MAX_FRAME_BYTES } from '../../../src/psi/channel.ts';
import { refusal } from '../../support/refusal.ts';

async function sockets(): Promise<[Socket, Socket]> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const left = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [right] = (await once(server, 'connection')) as [Socket];
  server.close();
  onTestFinished(() => {
    left.destroy();
    right.destroy();
  });
  return [left, right];
}

/** Bytes that say where they stand, up to a block that repeats. */
const filled = (length: number): Uint8Array => {
  const block = Uint8Array.from({ length: 65_521 }, (_, i) => (31 * i + length) & 0xff);
  return new Uint8Array(Buffer.alloc(length, block));
};

const head = (length: number): Uint8Array => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, length, true);
  return bytes;
};

describe('SocketChannel', () => {
  test('frames of all sizes come whole, in order, and are counted', async () => {
    const [left, right] = (await sockets()).map((socket) => new SocketChannel(socket)) as [
      SocketChannel,
      SocketChannel,
    ];
    const sizes = [0, 1, 3, 65_536, 0, 100_001, MAX_FRAME_BYTES, 2];
    const sending = (async () => {
      for (const size of sizes) await left.send(filled(size));
    })();
    for (const size of sizes) {
      const frame = await right.receive();
      ok(Buffer.from(frame).equals(filled(size)), `frame of ${size} bytes`);
    }
    await sending;
    const total = sizes.reduce((sum, size) => sum + size + 4, 0);
    deepStrictEqual(left.bytes, { sent: total, received: 0 });
    deepStrictEqual(right.bytes, { sent: 0, received: total });
  });

  test('frames byte by byte', async () => {
    const [raw, right] = await sockets();
    raw.setNoDelay(true);
    const channel = new SocketChannel(right);
    const bytes = Buffer.concat([head(5), filled(5), head(0), head(1), filled(1)]);
    for (const byte of bytes) raw.write(Uint8Array.of(byte));
    deepStrictEqual(await channel.receive(), filled(5));
    deepStrictEqual(await channel.receive(), filled(0));
    deepStrictEqual(await channel.receive(), filled(1));
  });

  test('a longer frame is refused before its bytes are there, and not sent', async () => {
    const [raw, right] = await sockets();
    const channel = new SocketChannel(right);
    raw.write(head(MAX_FRAME_BYTES + 1));
    await rejects(channel.receive(), refusal('MALFORMED_MESSAGE'));
    const [socket] = await sockets();
    const tooLong = new Uint8Array(MAX_FRAME_BYTES + 1);
    await rejects(new SocketChannel(socket).send(tooLong), refusal('PAYLOAD_TOO_LARGE'));
  });

  test('what came before the other side has closed is delivered, then it is said', async () => {
    const [raw, right] = await sockets();
    const channel = new SocketChannel(right);
    raw.write(Buffer.concat([head(2), filled(2), head(9), filled(3)]));
    raw.end();
    deepStrictEqual(await channel.receive(), filled(2));
    await rejects(channel.receive(), refusal('PROCESS_FAILED'));
    await rejects(channel.send(filled(1)), refusal('PROCESS_FAILED'));
  });

  test('a silent peer is given up; one that sends slowly is not', async () => {
    const [raw, right] = await sockets();
    const channel = new SocketChannel(right, 500);
    const slowly = (async () => {
      for (const byte of Buffer.concat([head(3), filled(3)])) {
        raw.write(Uint8Array.of(byte));
        await wait(100);
      }
    })();
    // 700 ms in all, never more than 100 without a byte.
    deepStrictEqual(await channel.receive(), filled(3));
    await slowly;
    await rejects(channel.receive(), refusal('PROCESS_FAILED'));
  });

  test('a peer that does not read is given up by who sends', async () => {
    const [left, right] = await sockets();
    right.pause();
    const channel = new SocketChannel(left, 200);
    const flood = async (): Promise<void> => {
      for (;;) await channel.send(new Uint8Array(MAX_FRAME_BYTES));
    };
    await rejects(flood(), refusal('PROCESS_FAILED'));
  });

  test('frames that nobody takes are bounded, empty ones too', async () => {
    for (const size of [1 << 20, 0]) {
      const [raw, right] = await sockets();
      const channel = new SocketChannel(right);
      // 65,536 empty frames, or one of a megabyte.
      const batch = size === 0 ? Buffer.alloc(4 << 16) : Buffer.concat([head(size), filled(size)]);
      let written = 0;
      let blocked = false;
      while (!blocked && written < 200) {
        blocked = !raw.write(batch);
        written += 1;
        if (blocked)
          blocked = await Promise.race([once(raw, 'drain').then(() => false), wait(300, true)]);
      }
      ok(blocked, `${channel.bytes.received} bytes taken of frames of ${size} bytes`);
      // Taking them lets the rest come.
      for (let i = 0; i < 3; i++) equal((await channel.receive()).length, size);
    }
  });
});
