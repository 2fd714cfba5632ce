import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hasProportions, pictureSize } from '../../shared/wechat/picture-size';
import { depth } from '../depth';

/** Pictures as their formats have them, as far as a size is told: made here by the formats' own pages. */

const side = fc.integer({ min: 1, max: 0xffff });
const u16 = (value: number) => [value >> 8, value & 0xff];
const u16le = (value: number) => [value & 0xff, value >> 8];

const png = (width: number, height: number) =>
  Uint8Array.from([
    ...[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
    ...[0, 0, 0, 13],
    ...Buffer.from('IHDR'),
    ...[0, 0, ...u16(width), 0, 0, ...u16(height), 8, 2, 0, 0, 0],
  ]);
const gif = (width: number, height: number) =>
  Uint8Array.from([...Buffer.from('GIF89a'), ...u16le(width), ...u16le(height), 0, 0, 0]);

interface Segment {
  readonly marker: number;
  readonly filling: number;
  readonly bytes: Uint8Array;
}

/** What may stand before a frame: application data, tables, comments; any of them filled up with ones. */
const anySegment: fc.Arbitrary<Segment> = fc.record({
  marker: fc.constantFrom(0xe0, 0xe1, 0xed, 0xdb, 0xc4, 0xc8, 0xcc, 0xfe),
  filling: fc.nat(3),
  bytes: fc.uint8Array({ maxLength: 300 }),
});
const frames = [0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf];

const jpeg = (before: readonly Segment[], frame: number, width: number, height: number) =>
  Uint8Array.from([
    ...[0xff, 0xd8],
    ...before.flatMap(({ marker, filling, bytes }) => [
      ...Array<number>(filling + 1).fill(0xff),
      marker,
      ...u16(bytes.length + 2),
      ...bytes,
    ]),
    ...[0xff, frame, ...u16(17), 8, ...u16(height), ...u16(width), 3],
    ...[1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1],
  ]);

describe('the size of a picture', () => {
  test('stands in the first bytes of every PNG and GIF', () => {
    fc.assert(
      fc.property(side, side, (width, height) => {
        expect(pictureSize(png(width, height))).toEqual({ width, height });
        expect(pictureSize(gif(width, height))).toEqual({ width, height });
      }),
      { numRuns: depth(20_000) },
    );
  });

  test('stands in the frame of every JPEG, whatever comes before it', () => {
    fc.assert(
      fc.property(
        fc.array(anySegment, { maxLength: 5 }),
        fc.constantFrom(...frames),
        side,
        side,
        (before, frame, width, height) => {
          const file = jpeg(before, frame, width, height);
          expect(pictureSize(file)).toEqual({ width, height });
          // In the middle of a larger piece of memory too.
          const memory = new Uint8Array(file.length + 8).fill(0xff);
          memory.set(file, 5);
          expect(pictureSize(memory.subarray(5, 5 + file.length))).toEqual({ width, height });
        },
      ),
      { numRuns: depth(20_000) },
    );
  });

  test('is not known of what is cut short, spoilt or no picture, and asking never fails', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc
            .tuple(fc.array(anySegment, { maxLength: 3 }), fc.nat(400))
            .map(([before, length]) => jpeg(before, 0xc0, 5, 4).slice(0, length)),
          fc.nat(30).map((length) => png(5, 4).slice(0, length)),
          fc.uint8Array({ maxLength: 64 }).map((bytes) => Uint8Array.from([0xff, 0xd8, 0xff, ...bytes])),
          fc.uint8Array({ maxLength: 64 }),
        ),
        (file) => {
          const size = pictureSize(file);
          if (size !== undefined) expect(Math.min(size.width, size.height)).toBeGreaterThan(0);
        },
      ),
      { numRuns: depth(20_000) },
    );
    expect(pictureSize(png(5, 4).slice(0, 22))).toBeUndefined();
    expect(pictureSize(png(0, 4))).toBeUndefined();
    expect(pictureSize(Buffer.from('ID3 a sound'))).toBeUndefined();
    // The picture ends before any frame.
    expect(pictureSize(Uint8Array.from([0xff, 0xd8, 0xff, 0xe0, 0, 2, 0]))).toBeUndefined();
  });
});

test.each([
  [520, 416, true],
  [1040, 832, true],
  [500, 400, true],
  [525, 416, true],
  [540, 416, false],
  [300, 300, false],
  [416, 520, false],
])('%d×%d has the proportions of 520×416: %s', (width, height, fits) => {
  expect(hasProportions({ width, height }, { width: 520, height: 416 })).toBe(fits);
});

test('a picture without width or height has no size', () => {
  expect([png(0, 5), png(5, 0), gif(0, 5), gif(5, 0)].map(pictureSize)).toEqual(Array(4).fill(undefined));
});

test('a segment below the frames’ numbers is passed over', () => {
  const before = [{ marker: 0x02, filling: 0, bytes: Uint8Array.from([1, 2, 3, 4, 5, 6, 7]) }];
  expect(pictureSize(jpeg(before, 0xc0, 30, 20))).toEqual({ width: 30, height: 20 });
});
