import { createHash, createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createEmulator, defaultOpenid, type Emulator } from '../../emulator/emulator';
import { parseSettings } from '../../shared/core/settings';

/** The gateway's clients: their secrets, what they may do, what the log says of them. */

const touser = defaultOpenid;
const hi = { touser, msgtype: 'text', text: { content: 'hi' } };
const secretOf = (name: string) => name.repeat(32).slice(0, 32);
const sends = '/cgi-bin/message/custom/send';
/** As the log has who a message is for. */
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 12);

const clients = [
  `shop:${secretOf('old-')}`,
  `shop:${secretOf('new-')}`,
  `sender:${secretOf('sender-')}:official:send`,
  `notifier:${secretOf('notifier-')}:official:template+media`,
].join(',');
const kefuSecret = secretOf('kefu-');

let emulator: Emulator;
beforeAll(async () => {
  emulator = await createEmulator({ variables: { GATEWAY_CLIENTS: clients, KEFU_SECRET: kefuSecret } });
});
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

async function ask(route: string, body?: object, headers: Record<string, string> = {}, at = emulator) {
  const response = await fetch(`${at.url}/gateway${route}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await response.json()) as { errcode?: number; access_token?: string };
}

const askToken = (id: string, secret: string, headers: Record<string, string> = {}, at = emulator) =>
  ask(`/cgi-bin/token?grant_type=client_credential&appid=${id}&secret=${secret}`, undefined, headers, at);
const tokenOf = async (id: string, name: string, at = emulator) =>
  String((await askToken(id, secretOf(name), {}, at)).access_token);

/** What the function wrote to its log. */
function lines(): Record<string, unknown>[] {
  return emulator.log.since(0).flatMap((entry) => {
    if (entry.kind !== 'log') return [];
    try {
      return [JSON.parse(entry.line) as Record<string, unknown>];
    } catch {
      return [];
    }
  });
}
const gatewayLines = () => lines().filter(({ step }) => String(step).startsWith('gateway'));

describe('a client with two secrets', () => {
  test('gets tokens for both, and both work', async () => {
    for (const name of ['old-', 'new-']) {
      const token = await tokenOf('shop', name);
      expect(await ask(`${sends}?access_token=${token}`, hi)).toMatchObject({ errcode: 0 });
    }
    expect(await askToken('shop', secretOf('other-'))).toMatchObject({ errcode: 40001 });
  });

  test('ends the tokens of a secret with the secret; so does a new KEFU_SECRET', async () => {
    const token = await tokenOf('shop', 'old-');
    const ends = [
      { GATEWAY_CLIENTS: `shop:${secretOf('new-')}`, KEFU_SECRET: kefuSecret },
      { GATEWAY_CLIENTS: clients, KEFU_SECRET: secretOf('another-') },
    ];
    for (const variables of ends) {
      const later = await createEmulator({ variables });
      try {
        expect(await ask(`${sends}?access_token=${token}`, hi, {}, later)).toMatchObject({ errcode: 40001 });
      } finally {
        await later.close();
      }
    }
  });

  test('shows in the log which of them is used, and neither id nor secret nor token', async () => {
    const token = await tokenOf('shop', 'new-');
    await ask(`${sends}?access_token=${token}`, hi);
    const client = createHash('sha256').update('shop').digest('hex');
    expect(gatewayLines()).toMatchObject([
      { step: 'gateway-token', secret: 2 },
      { step: 'gateway', secret: 2, path: sends, receiver: hashOf(touser) },
    ]);
    for (const { client: hash } of gatewayLines()) expect(client.startsWith(String(hash))).toBe(true);
    expect(JSON.stringify(lines())).not.toMatch(/shop|new-|old-|kefu-kefu|eyJ/);
  });
});

describe('a secret', () => {
  test.each([
    ['of 31 characters', `shop:${'x'.repeat(31)}`],
    ['beside one that is long enough', `shop:${'x'.repeat(32)},crm:short`],
    ['with a scope that there is none of', `shop:${'x'.repeat(32)}:official:send+all`],
    ['with scopes and no account', `shop:${'x'.repeat(32)}:send`],
  ])('%s is refused by name, and not shown', (_what, GATEWAY_CLIENTS) => {
    const parsed = parseSettings({ GATEWAY_CLIENTS });
    expect(parsed).toMatchObject({ ok: false, variable: 'GATEWAY_CLIENTS' });
    expect(JSON.stringify(parsed)).toMatch(/32 characters or more: npm run secret/);
    expect(JSON.stringify(parsed)).not.toMatch(/xxx/);
  });

  test('does not come out of a token, known though the id is and the way: KEFU_SECRET is in the key', async () => {
    const token = await tokenOf('shop', 'old-');
    const [head = '', body = '', signature = ''] = token.split('.');
    const guesses = [
      createHash('sha256')
        .update(`kefu-cloud kefu-gateway\nshop\n${secretOf('old-')}`)
        .digest(),
      Buffer.from(secretOf('old-')),
    ];
    for (const key of guesses)
      expect(createHmac('sha256', key).update(`${head}.${body}`).digest('base64url')).not.toBe(signature);
    const without = await createEmulator({ variables: { GATEWAY_CLIENTS: clients } });
    try {
      expect(await ask(`${sends}?access_token=${token}`, hi, {}, without)).toMatchObject({ errcode: 40001 });
      const own = await tokenOf('shop', 'old-', without);
      expect(await ask(`${sends}?access_token=${own}`, hi, {}, without)).toMatchObject({ errcode: 0 });
    } finally {
      await without.close();
    }
  });

  test('that is wrong ten times in a minute is tried no more, right or wrong, from that address', async () => {
    const from = (address: string) => ({ 'x-real-ip': address });
    const codes: (number | undefined)[] = [];
    for (let round = 0; round < 12; round += 1)
      codes.push((await askToken('shop', `wrong${round}`, from('10.0.0.1'))).errcode);
    expect(codes).toEqual([...Array.from({ length: 10 }, () => 40001), 45011, 45011]);
    expect(await askToken('shop', secretOf('old-'), from('10.0.0.1'))).toMatchObject({ errcode: 45011 });
    expect(await askToken('shop', secretOf('old-'), from('10.0.0.2'))).toHaveProperty('access_token');
    expect(await askToken('sender', secretOf('sender-'), from('10.0.0.1'))).toHaveProperty('access_token');
    const failed = gatewayLines().filter(({ failed }) => failed === true);
    expect(failed.map(({ why }) => why)).toEqual([
      ...Array.from({ length: 10 }, () => 'wrong secret'),
      ...Array.from({ length: 3 }, () => 'too many wrong secrets'),
    ]);
    emulator.clock.advance(60_000);
    expect(await askToken('shop', secretOf('old-'), from('10.0.0.1'))).toHaveProperty('access_token');
  });

  test('is tried no oftener by a client of the mini program, which calls the function and names any address', async () => {
    const codes: (number | undefined)[] = [];
    for (let round = 0; round < 12; round += 1) {
      const data = {
        path: '/cgi-bin/token',
        httpMethod: 'GET',
        headers: { 'x-real-ip': `10.0.1.${round}` },
        queryStringParameters: { grant_type: 'client_credential', appid: 'shop', secret: `wrong${round}` },
      };
      const invoked = await emulator.call({
        name: 'kefu-gateway',
        data,
        source: 'wx_client',
        openid: touser,
      });
      const { body } = (invoked.ok ? invoked.result : {}) as { body: string };
      codes.push((JSON.parse(body) as { errcode?: number }).errcode);
    }
    expect(codes).toEqual([...Array.from({ length: 10 }, () => 40001), 45011, 45011]);
  });
});

describe('a client with scopes', () => {
  const template = {
    touser,
    template_id: 'TM00015',
    data: { withdrawMoney: { value: '1.00' } },
  };
  const requests: readonly [string, string, object | undefined][] = [
    ['send', `${sends}?`, hi],
    ['send', '/cgi-bin/message/custom/typing?', { touser, command: 'Typing' }],
    ['template', '/cgi-bin/message/template/send?', template],
    ['media', '/cgi-bin/media/get?media_id=GONE&', undefined],
  ];

  test.each([
    ['sender', 'sender-', ['send']],
    ['notifier', 'notifier-', ['template', 'media']],
  ])('%s has what they name and nothing else; that is logged', async (id, name, scopes) => {
    const token = await tokenOf(id, name);
    for (const [scope, route, body] of requests) {
      const { errcode } = await ask(`${route}access_token=${token}`, body);
      expect([scope, errcode === 48001]).toEqual([scope, !scopes.includes(scope)]);
    }
    const refused = gatewayLines().filter(({ why }) => why === 'scope');
    expect(refused).toHaveLength(requests.filter(([scope]) => !scopes.includes(scope)).length);
  });
});

test('a token that is none, or spent, leaves a line in the log', async () => {
  const token = await tokenOf('shop', 'old-');
  await ask(`${sends}?access_token=${token}x`, hi);
  emulator.clock.advance(2 * 60 * 60 * 1000 + 1000);
  await ask(`${sends}?access_token=${token}`, hi);
  expect(gatewayLines().map(({ why }) => why)).toEqual([undefined, 'unknown token', 'spent token']);
});
