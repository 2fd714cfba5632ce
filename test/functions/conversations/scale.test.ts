import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { deskEvents, openDesk } from '../../../bench/desk/desk';
import { type Page, readPage } from '../../../shared/functions/desk/pages';
import { depth } from '../../depth';

/** The desk with many conversations: an index serves each of its questions, and pages leave nothing out. */

test('with 10,000 conversations and 200,000 messages the desk looks at no more than with 100', async () => {
  const [few, many] = [openDesk(100), openDesk(10_000)];
  const listed = await few.call({ action: 'list' });
  for (const [name, event] of Object.entries(deskEvents(listed.conversations?.[0]?.id ?? ''))) {
    const counted = await Promise.all(
      [few, many].map(async ({ call, counts }) => {
        const before = { ...counts };
        expect(await call(event)).toMatchObject({ errCode: 0 });
        return { trips: counts.trips - before.trips, examined: counts.examined - before.examined };
      }),
    );
    const [small = { trips: 0, examined: 0 }, large = { trips: 0, examined: 0 }] = counted;
    expect([name, large.trips]).toEqual([name, small.trips]);
    expect(large.examined).toBeLessThan(Math.max(100, small.examined * 1.5));
  }
}, 600_000);

test('for every list and every size of page all of it comes once, in order, however many are of one moment', async () => {
  const documents = fc.uniqueArray(
    fc.record({ _id: fc.string({ minLength: 1, maxLength: 4, unit: 'grapheme-ascii' }), at: fc.nat(6) }),
    { selector: ({ _id }) => _id, maxLength: 30 },
  );
  await fc.assert(
    fc.asyncProperty(documents, fc.integer({ min: 1, max: 9 }), async (all, size) => {
      const usable = all.filter(({ _id }) => /^\S+$/.test(_id));
      const find = async (range: { at?: number | { atMost: number } }, limit: number) =>
        usable
          .filter(({ at }) =>
            typeof range.at === 'number' ? at === range.at : at <= (range.at?.atMost ?? 99),
          )
          .sort((one, other) => other.at - one.at)
          .slice(0, limit);
      const seen: string[] = [];
      let before: string | undefined = '';
      while (before !== undefined) {
        const page: Page<{ _id: string; at: number }> = await readPage('at', before, size, find);
        expect(page.found.length).toBeLessThanOrEqual(size);
        seen.push(...page.found.map(({ _id }) => _id));
        before = page.before;
      }
      const wanted = usable
        .toSorted((one, other) => other.at - one.at || (one._id < other._id ? -1 : 1))
        .map(({ _id }) => _id);
      expect(seen).toEqual(wanted);
    }),
    { numRuns: depth(5000) },
  );
});
