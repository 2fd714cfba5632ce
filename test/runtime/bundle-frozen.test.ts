import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { encodeAnswer } from '../../emulator/cloudbase/open-api-messages';
import type { InstanceReply } from '../../emulator/functions/instance';
import { functionsRoot } from '../../scripts/build-functions';
import { cloudNodes } from '../scripts/bundle/nodes';

/**
 * The cloud freezes an instance between two calls. The other side of its connections goes on, and forgets them; the
 * instance hears nothing of it.
 */

const success = encodeAnswer({
  contentType: 'application/json',
  respData: Buffer.from('{"errcode":0,"errmsg":"ok"}'),
});

/** For how long the gateway knows a connection on which nothing comes, in milliseconds. */
const rememberedMs = 600;
const frozenMs = 1200;

let gateway: Server;
beforeAll(async () => {
  const lastAt = new WeakMap<Socket, number>();
  gateway = createServer((request, response) => {
    const { socket } = request;
    // As a load balancer does with a connection it no longer knows: the answer to the first byte is a reset.
    if (Date.now() - (lastAt.get(socket) ?? Date.now()) > rememberedMs) {
      socket.resetAndDestroy();
      return;
    }
    lastAt.set(socket, Date.now());
    request.resume().on('end', () => {
      lastAt.set(socket, Date.now());
      response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(success);
    });
  });
  gateway.keepAliveTimeout = 60_000;
  gateway.listen(0, '127.0.0.1');
  await once(gateway, 'listening');
});
afterAll(() => {
  gateway.close();
  gateway.closeAllConnections();
});

/** A process that hands every message to the function, and back what it answers. */
const program = path.resolve('dist/emulator/instance.js');

function start(node: string): ChildProcess {
  return fork(program, [path.resolve(functionsRoot, 'kefu-send', 'index.js')], {
    execPath: node,
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      TENCENTCLOUD_RUNENV: 'SCF',
      TENCENTCLOUD_REGION: 'ap-shanghai',
      TENCENTCLOUD_SECRETID: 'id',
      TENCENTCLOUD_SECRETKEY: 'key',
      SCF_NAMESPACE: 'local',
      TCB_CONTEXT_CNFG: JSON.stringify({
        URL: `http://127.0.0.1:${(gateway.address() as AddressInfo).port}/admin`,
      }),
    },
  });
}

/** The next message of this kind; what the function writes to its log comes as messages too. */
function replyOf<Kind extends InstanceReply['kind']>(instance: ChildProcess, kind: Kind) {
  return new Promise<Extract<InstanceReply, { kind: Kind }>>((resolve) => {
    const take = (reply: InstanceReply) => {
      if (reply.kind !== kind) return;
      instance.off('message', take);
      resolve(reply as Extract<InstanceReply, { kind: Kind }>);
    };
    instance.on('message', take);
  });
}

async function send(instance: ChildProcess): Promise<unknown> {
  const replied = replyOf(instance, 'result');
  instance.send({
    event: { msgtype: 'text', text: { content: 'hi' } },
    context: { environment: JSON.stringify({ WX_OPENID: 'oUser', TCB_SOURCE: 'wx_client' }) },
    variables: {},
    now: Date.now(),
  });
  const { json } = await replied;
  return JSON.parse(json ?? 'null');
}

/** Windows cannot stop a process and let it go on. */
const describeHere = process.platform === 'win32' ? describe.skip : describe;

describeHere.each(cloudNodes)('on Node $name', ({ file }) => {
  test('a call after the freeze goes out on a connection that lives', async () => {
    const instance = start(file);
    try {
      await replyOf(instance, 'ready');
      expect(await send(instance)).toEqual({ errCode: 0, errMsg: 'ok' });
      instance.kill('SIGSTOP');
      await new Promise((resolve) => setTimeout(resolve, frozenMs));
      instance.kill('SIGCONT');
      expect(await send(instance)).toEqual({ errCode: 0, errMsg: 'ok' });
    } finally {
      instance.kill('SIGKILL');
    }
  });
});
