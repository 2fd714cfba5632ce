import { once } from 'node:events';
import { Agent, createServer, get } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { Form } from '../../scripts/sdk/stand-ins/form';
import { closeIdle } from '../../scripts/sdk/stand-ins/idle-sockets';
import { leftOut } from '../../scripts/sdk/stand-ins/left-out';
import { parseString } from '../../scripts/sdk/stand-ins/upload-answer';
import { depth } from '../depth';

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

describe('the form', () => {
  interface FormData {
    append(name: string, value: string | Buffer): void;
    getBuffer(): Buffer;
    getHeaders(): { 'content-type': string };
    setBoundary(boundary: string): void;
  }
  const FormData = sdkRequire('form-data') as new () => FormData;
  const value = fc.oneof(
    fc.string(),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  );

  test('for every form of texts and bytes, its bytes are those of form-data', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.stringMatching(/^\w+$/), value)), (fields) => {
        const [form, theirs] = [new Form(), new FormData()];
        theirs.setBoundary(/boundary=(.+)/.exec(form.getHeaders()['content-type'])?.[1] ?? '');
        for (const [name, held] of fields) for (const each of [form, theirs]) each.append(name, held);
        expect(form.getBuffer()).toEqual(theirs.getBuffer());
        expect(form.getHeaders()).toEqual(theirs.getHeaders());
      }),
      { numRuns: depth(5000) },
    );
  });

  test('has another boundary each time', () => {
    expect(new Form().getHeaders()).not.toEqual(new Form().getHeaders());
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
    '<?xml version="1.0" encoding="utf-8" ?>\n<Error>\n\t<Code>A</Code>\n\t<Message>b</Message>\n</Error>',
    '<Error><Code>A</Code><Empty></Empty></Error>',
    '<Error><Message>&lt;a&gt; &amp; &quot;b&quot; &apos;c&apos;</Message></Error>',
    'Bad gateway',
    '{"code":"A"}',
    '<html',
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
      { numRuns: depth(5000) },
    );
  });

  test('is no success where it is a page of somebody else', () => {
    const page = '<html><body>moved</body></html>';
    expect(read(byXml2js, page)).toMatchObject({ answer: { html: {} } });
    expect(read(parseString, page)).toBe('an error');
  });

  test('may come as bytes', () => {
    let answer: unknown;
    parseString(Buffer.from('<Error><Code>文</Code></Error>'), (_error, read) => {
      answer = read;
    });
    expect(answer).toEqual({ Error: { Code: ['文'] } });
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
