import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isWebAddress, parseRichText } from '../../../emulator/page/phone/rich-text';

describe('parseRichText', () => {
  test.each([
    ['plain text', [{ kind: 'text', text: 'plain text' }]],
    [
      'see <a href="https://example.com/1?a=b&c=d">this</a>!',
      [
        { kind: 'text', text: 'see ' },
        { kind: 'link', text: 'this', href: 'https://example.com/1?a=b&c=d' },
        { kind: 'text', text: '!' },
      ],
    ],
    [
      '<a href="http://www.qq.com" data-miniprogram-appid="wx1" data-miniprogram-path="pages/index">go</a>',
      [{ kind: 'miniprogram', text: 'go', appid: 'wx1', path: 'pages/index' }],
    ],
    [
      '<a href="weixin://bizmsgmenu?msgmenucontent=%E5%A5%BD&msgmenuid=7">yes</a>',
      [{ kind: 'menu', text: 'yes', content: '好', id: '7' }],
    ],
    [
      `<a href='https://example.com'>one</a><A HREF="https://example.com/2">two</A>`,
      [
        { kind: 'link', text: 'one', href: 'https://example.com' },
        { kind: 'link', text: 'two', href: 'https://example.com/2' },
      ],
    ],
  ])('reads %j', (content, parts) => {
    expect(parseRichText(content)).toEqual(parts);
  });

  test.each([
    '<a href="javascript:alert(1)">x</a>',
    '<a href="data:text/html,x">x</a>',
    '<a href="//example.com">x</a>',
    '<a>x</a>',
    '<a href="https://example.com">never closed',
    '<img src=x onerror=alert(1)>',
  ])('leaves %s as text', (content) => {
    expect(parseRichText(content)).toEqual([{ kind: 'text', text: content }]);
  });

  test('for every text without a link, gives the text', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !/<a\s/i.test(text)),
        (text) => {
          expect(parseRichText(text)).toEqual(text === '' ? [] : [{ kind: 'text', text }]);
        },
      ),
    );
  });

  test('for every address, makes a link only of one of the web', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.constantFrom('', 'javascript:', 'https://', 'http://', 'weixin://'),
        (rest, scheme) => {
          for (const part of parseRichText(`<a href="${scheme}${rest}">x</a>`)) {
            if (part.kind === 'link') expect(['http:', 'https:']).toContain(new URL(part.href).protocol);
          }
        },
      ),
    );
  });
});

test.each([
  ['https://example.com/a.jpg', true],
  ['HTTP://example.com', true],
  ['https://', false],
  ['javascript:alert(1)//https://example.com', false],
  [' https://example.com', false],
  ['', false],
])('isWebAddress(%j) is %s', (address, expected) => {
  expect(isWebAddress(address)).toBe(expected);
});
