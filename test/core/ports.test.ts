import { expect, test } from '@jest/globals';
import { idOf, shown } from '../../shared/core/ports';
import { digest } from '../world/world';

test('who a line of the log is about is the same twelve letters each time, and nobody else’s', () => {
  expect(shown('oUser', { digest })).toBe(digest('oUser').slice(0, 12));
  expect(shown('oUser', { digest })).toMatch(/^[0-9a-f]{12}$/);
  expect(shown('oOther', { digest })).not.toBe(shown('oUser', { digest }));
});

test('a document’s name tells keys apart that only look alike', () => {
  const keys = [['a', 'b'], ['a b'], ['a,b'], ['a', 'b', ''], ['b', 'a'], ['a', 1], ['a', '1'], []];
  expect(new Set(keys.map((key) => idOf(key, { digest }))).size).toBe(keys.length);
});
