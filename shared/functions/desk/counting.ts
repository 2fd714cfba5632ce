import { type Answer, type Refusal, refuseFaults, success } from '../../core/answer';
import type { DocumentOf } from '../../core/collections';
import { inParallel } from '../../core/parallel';
import type { Collection } from '../../core/ports';
import type { Fields, Shape } from '../../wechat/fields/fields';
import { beginOfDay, chinaDay } from '../conversations/china-time';
import { type Counted, countDay, type DayStats } from '../conversations/stats';
import type { DeskCall } from './desk-call';
import { type Page, readPage } from './pages';
import { readPayload } from './view';

/** How it runs: the days of a range, counted from what is kept. */

const day = { kind: 'text', need: 'never', maxBytes: 10 } as const;

export const statsFields = { from: day, to: day } as const satisfies Fields;

const dayMs = 24 * 60 * 60 * 1000;

/** How many days there are where no first is named, and at most. */
const usualDays = 7;
const mostDays = 31;

/** What is read of a message to be counted, and in which order. */
const fields = ['lane', 'at', 'from', 'status'] as const;
const order = [
  ['at', 'desc'],
  ['_id', 'asc'],
] as const;

/** How many days are read at a time; how many messages of one in a round trip, and at most. */
const daysAtOnce = 4;
const pageSize = 999;
const mostPages = 50;

/** Counts days, both ends included; without them the last seven. */
export async function runStats(
  { from, to }: Shape<typeof statsFields>,
  { ports }: DeskCall,
): Promise<Answer<{ readonly days: readonly DayStats[] }>> {
  const today = chinaDay(ports.clock.now());
  const last = beginOfDay(to ?? today);
  const first = from === undefined ? (last ?? 0) - (usualDays - 1) * dayMs : beginOfDay(from);
  if (last === undefined) return refuseDay('to', 'must be a day: 2026-11-21');
  if (first === undefined) return refuseDay('from', 'must be a day: 2026-11-21');
  const count = Math.round((last - first) / dayMs) + 1;
  if (count < 1 || count > mostDays)
    return refuseDay('from', `must be a day up to ${mostDays - 1} days before to`);
  const days = new Map<number, DayStats>();
  const begins = Array.from({ length: count }, (_, index) => first + index * dayMs);
  await inParallel(daysAtOnce, begins, async (begin) => {
    days.set(begin, countDay(chinaDay(begin), await readDay(begin, ports)));
  });
  return success({ days: begins.flatMap((begin) => days.get(begin) ?? []) });
}

function refuseDay(path: string, message: string): Refusal {
  return refuseFaults([{ path, message, errCode: 40035 }]);
}

async function readDay(begin: number, { database }: DeskCall['ports']): Promise<Counted[]> {
  const messages = database('kefu_messages');
  const whole = { above: begin - 1, atMost: begin + dayMs - 1 };
  const [counted, scored] = await Promise.all([
    readCounted(whole, messages),
    messages.find({ at: whole, from: 'event' }, { fields: [...fields, 'message'] }),
  ]);
  const scores = scored.flatMap(({ message, ...event }) => {
    const { score } = readPayload(message);
    return typeof score === 'number' ? [{ ...event, score }] : [];
  });
  return [...counted, ...scores];
}

/** The messages of a day, page by page. */
async function readCounted(
  whole: { readonly above: number; readonly atMost: number },
  messages: Collection<DocumentOf<'kefu_messages'>>,
): Promise<Counted[]> {
  const counted: Counted[] = [];
  let before: string | undefined = '';
  for (let page = 0; page < mostPages && before !== undefined; page += 1) {
    const read: Page<Counted & { readonly _id: string }> = await readPage(
      'at',
      before,
      pageSize,
      ({ at }, limit) =>
        messages.find({ at: typeof at === 'number' ? at : { ...whole, ...at } }, { order, limit, fields }),
    );
    counted.push(...read.found.filter(({ from }) => from !== 'event'));
    before = read.before;
  }
  return counted;
}
