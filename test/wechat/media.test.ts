import { describe, expect, test } from '@jest/globals';
import { accounts } from '../../shared/wechat/account';
import {
  detectFormat,
  formatExtensions,
  type MediaFormat,
  mediaLifeSeconds,
  mediaTypes,
  typesTaking,
} from '../../shared/wechat/media';

/** How a file of each format begins, as its own standard has it: no byte of it can be left out. */
const beginnings: { readonly [F in MediaFormat]: readonly (readonly number[])[] } = {
  'image/png': [[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  'image/jpeg': [[0xff, 0xd8, 0xff]],
  'image/gif': [[...Buffer.from('GIF87a')], [...Buffer.from('GIF89a')]],
  'audio/amr': [[...Buffer.from('#!AMR')]],
  'audio/mpeg': [[...Buffer.from('ID3')], [0xff, 0xfb], [0xff, 0xf3], [0xff, 0xf2]],
  'video/mp4': [
    [0, 0, 0, 0x18, ...Buffer.from('ftyp')],
    [1, 2, 3, 4, ...Buffer.from('ftyp')],
  ],
};

const cases = Object.entries(beginnings).flatMap(([format, starts]) =>
  starts.map((start) => [format as MediaFormat, start] as const),
);

describe('the format of a file', () => {
  test.each(cases)('is %s by how it begins, whatever follows', (format, start) => {
    expect(detectFormat(Uint8Array.from(start))).toBe(format);
    expect(detectFormat(Uint8Array.from([...start, 0, 1, 2, 3]))).toBe(format);
  });

  test.each(cases)('is not %s where it is cut short, or begins a byte later', (_format, start) => {
    expect(detectFormat(Uint8Array.from(start.slice(0, -1)))).toBeUndefined();
    expect(detectFormat(Uint8Array.from([0, ...start]))).toBeUndefined();
  });

  test.each([
    ['nothing', []],
    ['a text', [...Buffer.from('hello')]],
    ['a page', [...Buffer.from('<html>')]],
    ['a BMP', [...Buffer.from('BM')]],
    ['a WebP', [...Buffer.from('RIFF0000WEBP')]],
    ['another AMR than the narrow one', [...Buffer.from('#!AM')]],
  ])('is none of WeChat’s for %s', (_what, bytes) => {
    expect(detectFormat(Uint8Array.from(bytes))).toBeUndefined();
  });

  test('has an ending of its own', () => {
    const endings = Object.values(formatExtensions);
    expect(endings.toSorted()).toEqual(['amr', 'gif', 'jpg', 'mp3', 'mp4', 'png']);
    expect(formatExtensions['image/jpeg']).toBe('jpg');
    expect(formatExtensions['audio/mpeg']).toBe('mp3');
  });
});

describe('the types under which a file can be uploaded', () => {
  test.each([
    ['image/png', ['image'], ['image']],
    ['image/jpeg', ['image'], ['image', 'thumb']],
    ['image/gif', ['image'], ['image']],
    ['audio/amr', [], ['voice']],
    ['audio/mpeg', [], ['voice']],
    ['video/mp4', [], ['video']],
  ] as const)('of %s are %j for a mini program and %j for an official account', (format, mini, official) => {
    expect(accounts.map((account) => typesTaking(format, account))).toEqual([mini, official]);
  });

  test('have the limits of WeChat’s page, each with its errcode', () => {
    const limits = Object.entries(mediaTypes).map(([name, { maxBytes, tooLarge, wrongFormat }]) => [
      name,
      maxBytes,
      tooLarge,
      wrongFormat,
    ]);
    expect(limits).toEqual([
      ['image', 10_485_760, 40009, 40005],
      ['voice', 2_097_152, 40010, 40005],
      ['video', 10_485_760, 40011, 40005],
      ['thumb', 65_536, 40012, 40005],
    ]);
  });
});

test('WeChat keeps a file for three days', () => {
  expect(mediaLifeSeconds).toBe(259_200);
});
