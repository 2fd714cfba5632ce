import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { probeCallback } from '../../scripts/deploy/callback-probe';
import { callCloud } from '../../scripts/deploy/cloud/cloud-api';
import { postToWeChat } from '../../scripts/deploy/permissions';
import { proxyFor, request } from '../../scripts/deploy/request';

/** What the deploy and the doctor ask over the network, and by way of whom. */

describe('a request', () => {
  const proxy = 'http://proxy.example:3128';
  const way = (address: string, environment: object = {}) =>
    proxyFor(new URL(address), { https_proxy: proxy, ...environment });

  test.each(['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY'])('goes by way of %s', (name) => {
    expect(proxyFor(new URL('https://api.weixin.qq.com/x'), { [name]: proxy })).toBe(proxy);
  });

  test('goes directly where no proxy is named, and without TLS', () => {
    expect(proxyFor(new URL('https://api.weixin.qq.com/x'), { https_proxy: '' })).toBeUndefined();
    expect(way('http://api.weixin.qq.com')).toBeUndefined();
  });

  test.each(['localhost', 'kefu.localhost', '127.0.0.1', '127.1.2.3', '[::1]'])(
    'goes to %s directly',
    (host) => {
      expect(way(`https://${host}:8443/x`)).toBeUndefined();
    },
  );

  test.each([
    ['weixin.qq.com', true],
    ['.weixin.qq.com', true],
    ['*.weixin.qq.com', true],
    ['API.weixin.qq.com', true],
    ['other.example, qq.com', true],
    ['other.example qq.com:443', true],
    ['*', true],
    ['qq.com:8443', false],
    ['xin.qq.com', false],
    ['api.weixin.qq.com.example', false],
    [' , ', false],
  ])('to a host heeds no_proxy=%s: %s', (no_proxy, isDirect) => {
    expect(way('https://api.weixin.qq.com/x', { no_proxy }) === undefined).toBe(isDirect);
    expect(way('https://api.weixin.qq.com/x', { NO_PROXY: no_proxy }) === undefined).toBe(isDirect);
  });

  test('to another port heeds no_proxy with that port', () => {
    expect(way('https://cloud.example:8443', { no_proxy: 'cloud.example:8443' })).toBeUndefined();
    expect(way('https://cloud.example:8443', { no_proxy: 'cloud.example' })).toBeUndefined();
    expect(way('https://cloud.example:8443', { no_proxy: 'cloud.example:443' })).toBe(proxy);
  });

  test('to hosts whose names only look like this machine’s is none of its own', () => {
    expect(way('https://127.0.0.1.example')).toBe(proxy);
    expect(way('https://localhost.example')).toBe(proxy);
  });
});

describe('behind a proxy', () => {
  let proxy: Server;
  let environment: { readonly https_proxy: string };
  const asked: (string | undefined)[] = [];
  beforeAll(async () => {
    proxy = createServer();
    proxy.on('connect', ({ url }, socket) => {
      asked.push(url);
      socket.end('HTTP/1.1 407 Who are you\r\n\r\n');
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    environment = { https_proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` };
  });
  afterAll(() => new Promise((resolve) => proxy.close(resolve)));

  test('WeChat, the callback address and the cloud are all asked by way of it', async () => {
    expect(await postToWeChat('TokenSeen', environment, '/tcb/invokecloudfunction', {})).toEqual({
      ok: false,
      errcode: -1,
      why: 'WeChat answered -1 no answer in JSON (status 407)',
    });
    expect(
      await probeCallback('https://kefu.example/wechat/callback', 'token', 1, environment),
    ).toMatchObject({
      why: 'answered with status 407',
    });
    const login = { secretId: 'AKIDtest', secretKey: 'key', token: '' };
    expect(await callCloud('scf', 'Invoke', {}, { login, region: 'ap-shanghai', environment })).toMatchObject(
      {
        why: 'status 407',
      },
    );
    expect(asked).toEqual(['api.weixin.qq.com:443', 'kefu.example:443', 'scf.tencentcloudapi.com:443']);
  });
});

describe('an answer', () => {
  let server: Server;
  let address: string;
  beforeAll(async () => {
    server = createServer(({ method, headers }, response) => {
      response.writeHead(302, { location: '/elsewhere' }).end(`${method} ${headers['content-length'] ?? ''}`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  test('is taken as it is: no redirection is followed', async () => {
    const plain = { environment: {}, limitMs: 5000 };
    expect(await request(new URL(address), plain)).toEqual({ status: 302, said: 'GET ' });
    expect(await request(new URL(address), { ...plain, text: '你好' })).toEqual({
      status: 302,
      said: 'POST 6',
    });
  });
});
