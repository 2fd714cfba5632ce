import { expect, jest, test } from '@jest/globals';
import { main } from '../../scripts/secret';
import { parseSettings } from '../../shared/core/settings';

async function printed(...args: string[]): Promise<string> {
  const print = jest.spyOn(console, 'log').mockImplementation(() => undefined);
  try {
    expect(await main(args)).toBe(0);
    return String(print.mock.calls[0]?.[0]);
  } finally {
    print.mockRestore();
  }
}

test('npm run secret prints 32 characters that both secrets of ours may be, others each time', async () => {
  const secrets: string[] = [];
  while (secrets.length < 100) secrets.push(await printed());
  expect(new Set(secrets).size).toBe(100);
  for (const secret of secrets) {
    expect(secret).toMatch(/^[\w-]{32}$/);
    const variables = { KEFU_SECRET: secret, GATEWAY_CLIENTS: `shop:${secret}` };
    expect(parseSettings(variables)).toMatchObject({
      settings: { secret, gatewayClients: [{ id: 'shop', secret }] },
    });
  }
});

test('npm run secret -- --help says what it is for', async () => {
  expect(await printed('--help')).toContain('KEFU_SECRET');
});
