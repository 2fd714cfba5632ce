import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { Agent, createServer, get } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { formBytes } from '../../scripts/sdk/stand-ins/form-bytes';
import { closeIdle } from '../../scripts/sdk/stand-ins/idle-sockets';
import { sortKeys } from '../../scripts/sdk/stand-ins/key-order';
import { leftOut } from '../../scripts/sdk/stand-ins/left-out';
import { mediaEndings } from '../../scripts/sdk/stand-ins/media-endings';
import { onceACall } from '../../scripts/sdk/stand-ins/once-a-call';
import { signingKey } from '../../scripts/sdk/stand-ins/signing-key';
import { parseString } from '../../scripts/sdk/stand-ins/upload-answer';
import { formatExtensions } from '../../shared/wechat/media';

/** What stands in the bundle for parts of the SDK, held against those parts. */

const sdkRequire = createRequire(createRequire(__filename).resolve('@cloudbase/node-sdk'));

describe('a part that is left out', () => {
  const part = leftOut('axios') as (() => unknown) & (new () => unknown) & { get(): unknown };
  const named = 'axios is left out of this bundle: scripts/sdk/parts.ts says why';

  test('can be loaded, in each of the ways in which compiled files load a module', () => {
    const module = part as unknown as {
      __esModule: boolean;
      default: unknown;
      [Symbol.toStringTag]?: string;
    };
    expect(module.__esModule).toBe(true);
    expect(module.default).toBe(part);
    expect(module[Symbol.toStringTag]).toBeUndefined();
  });

  test.each([
    ['read', () => part.get],
    ['called', () => part()],
    ['called by one of its names', () => part.get()],
    ['made with new', () => new part()],
  ])('names itself when it is %s', (_way, use) => {
    expect(use).toThrow(named);
  });
});

describe('the order of signed keys', () => {
  const byLocale = (keys: readonly string[]) => [...keys].sort((one, other) => one.localeCompare(other));
  const plainKey = fc.string({ unit: fc.constantFrom(...'abcxyz0189_-'), maxLength: 6 });

  test('for every list of plain names, it is that of the locale', () => {
    fc.assert(fc.property(fc.array(plainKey), (keys) => expect(sortKeys(keys)).toEqual(byLocale(keys))));
  });

  test.each(['en', 'zh-CN', 'zh-TW', 'ja', 'de'])('in %s too', (locale) => {
    const { compare } = new Intl.Collator(locale);
    fc.assert(
      fc.property(fc.array(plainKey), (keys) => expect(sortKeys(keys)).toEqual([...keys].sort(compare))),
    );
  });

  test('for every other list, it is left to the locale', () => {
    fc.assert(fc.property(fc.array(fc.string()), (keys) => expect(sortKeys(keys)).toEqual(byLocale(keys))));
  });

  test('leaves the list as it was', () => {
    const keys = ['b', 'a'];
    sortKeys(keys);
    expect(keys).toEqual(['b', 'a']);
  });
});

describe('the key that signs', () => {
  const hmac = jest.fn((text: string, secret: string | Buffer) =>
    createHmac('sha256', secret).update(text).digest(),
  );
  const derived = (date: string, secret: string) =>
    hmac('tc3_request', hmac('tcb', hmac(date, `TC3${secret}`)));

  test('is derived once for a day and a secret, and again for another', () => {
    const [today, tomorrow] = ['2026-01-01', '2026-01-02'];
    const expected = [derived(today, 'a'), derived(today, 'b'), derived(tomorrow, 'b'), derived(today, 'a')];
    hmac.mockClear();
    expect(signingKey(today, 'tcb', 'a', hmac)).toEqual(expected[0]);
    expect(signingKey(today, 'tcb', 'a', hmac)).toEqual(expected[0]);
    expect(hmac).toHaveBeenCalledTimes(3);
    expect(signingKey(today, 'tcb', 'b', hmac)).toEqual(expected[1]);
    expect(signingKey(tomorrow, 'tcb', 'b', hmac)).toEqual(expected[2]);
    expect(signingKey(today, 'tcb', 'a', hmac)).toEqual(expected[3]);
  });
});

describe('what the platform says of a call', () => {
  const read = jest.fn(() => ({ WX_OPENID: process.env['WX_OPENID'] }));
  const callKey = Symbol.for('kefu-cloud.call');
  const begin = () => Object.assign(globalThis, { [callKey]: {} });
  afterEach(() => {
    delete (globalThis as { [callKey]?: object })[callKey];
    delete process.env['WX_OPENID'];
    read.mockClear();
  });

  test('is read once for all requests of the call', () => {
    begin();
    process.env['WX_OPENID'] = 'oOne';
    expect([onceACall(read), onceACall(read), onceACall(read)]).toEqual(Array(3).fill({ WX_OPENID: 'oOne' }));
    expect(read).toHaveBeenCalledTimes(1);
  });

  test('is never that of the call before', () => {
    for (const openid of ['oOne', 'oTwo', 'oThree']) {
      process.env['WX_OPENID'] = openid;
      begin();
      expect(onceACall(read)).toEqual({ WX_OPENID: openid });
    }
  });

  test('is read each time where nobody says which call it is', () => {
    process.env['WX_OPENID'] = 'oOne';
    expect(onceACall(read)).toEqual({ WX_OPENID: 'oOne' });
    process.env['WX_OPENID'] = 'oTwo';
    expect(onceACall(read)).toEqual({ WX_OPENID: 'oTwo' });
  });
});

describe('the bytes of a form', () => {
  interface FormData {
    append(name: string, value: string | Buffer): void;
    getBuffer(): Buffer;
  }
  const FormData = sdkRequire('form-data') as new () => FormData;

  test('for every form of texts and bytes, they are those of form-data', () => {
    const value = fc.oneof(
      fc.string(),
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), value)), (fields) => {
        const form = new FormData();
        for (const [name, held] of fields) form.append(name, held);
        expect(formBytes(form as unknown as Parameters<typeof formBytes>[0])).toEqual(form.getBuffer());
      }),
    );
  });
});

describe('the answer to an upload', () => {
  const { parseString: byXml2js } = sdkRequire('xml2js') as { parseString: typeof parseString };
  const read = (parse: typeof parseString, text: string) => {
    let outcome: unknown;
    parse(text, (error, answer) => {
      outcome = error === null ? { answer } : 'an error';
    });
    return outcome;
  };

  test.each([
    '',
    ' \n ',
    '<Error></Error>',
    '<Error/>',
    '<Done>yes</Done>',
    '<?xml version="1.0" encoding="utf-8" ?>\n<Error>\n\t<Code>A</Code>\n\t<Message>b</Message>\n</Error>',
    '<Error><Code>A</Code><Code>B</Code><Empty/><None></None></Error>',
    '<Error><Message>&lt;a&gt; &amp; &quot;b&quot; &apos;c&apos; &#20320;&#x597d;</Message></Error>',
    '<Error><Message><![CDATA[<raw> & more]]></Message></Error>',
    'Bad gateway',
    '{"code":"A"}',
    '<Error><Code>A</Code>',
    '<Error>',
  ])('is read as xml2js reads %j', (text) => {
    expect(read(parseString, text)).toEqual(read(byXml2js, text));
  });

  test('for every text in an error document, it is read as xml2js reads it', () => {
    const escaped = fc
      .string({ unit: 'grapheme', minLength: 1 })
      .filter((text) => text.trim() !== '' && /^[\x20-\x7e\u00a0-\ud7ff]*$/.test(text))
      .map((text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'));
    fc.assert(
      fc.property(escaped, escaped, (code, message) => {
        const text = `<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
        expect(read(parseString, text)).toEqual(read(byXml2js, text));
      }),
    );
  });

  test('may come as bytes', () => {
    let answer: unknown;
    parseString(Buffer.from('<Error><Code>文</Code></Error>'), (_error, read) => {
      answer = read;
    });
    expect(answer).toEqual({ Error: { Code: ['文'] } });
  });
});

describe('the endings of media files', () => {
  const types = mediaEndings as { readonly [type: string]: { extensions: readonly string[] } };
  const mimeDb = sdkRequire('mime-db') as typeof types;

  test.each(Object.keys(formatExtensions))('of %s are those of mime-db', (type) => {
    expect(types[type]?.extensions).toEqual(mimeDb[type]?.extensions);
  });

  test('of another type are asked for in vain', () => {
    expect(() => types['image/webp']).toThrow("mime-db['image/webp'] is left out");
  });
});

describe('connections that wait', () => {
  test('are used again within a second, and closed after it', async () => {
    let connections = 0;
    const server = createServer((_request, response) => response.end('ok'));
    server.on('connection', () => {
      connections += 1;
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const agent = new Agent({ keepAlive: true });
    const ask = async () => {
      closeIdle(agent);
      const request = get({ agent, port: (server.address() as AddressInfo).port });
      const [response] = await once(request, 'response');
      response.resume();
      await once(response, 'end');
      await new Promise((resolve) => setImmediate(resolve));
    };
    const clock = jest.spyOn(Date, 'now');
    try {
      clock.mockReturnValue(10_000);
      await ask();
      clock.mockReturnValue(10_900);
      await ask();
      expect(connections).toBe(1);
      // What a frozen instance wakes up to: no timer has run meanwhile.
      clock.mockReturnValue(12_000);
      await ask();
      expect(connections).toBe(2);
    } finally {
      clock.mockRestore();
      agent.destroy();
      server.close();
    }
  });
});
