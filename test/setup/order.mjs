import { existsSync } from 'node:fs';
import Sequencer from '@jest/test-sequencer';

/** The tests that take ten seconds and more at full depth, the longest first. */
const longest = [
  'test/functions/any-event.test.ts',
  'test/functions/answer/answer.test.ts',
  'test/package/package.test.ts',
  'test/functions/answer/storm.test.ts',
  'test/functions/answer/shown.test.ts',
  'test/emulator/page/day.test.ts',
  'test/functions/outbox/schedules.test.ts',
  'test/functions/outbox-storm.test.ts',
  'test/emulator/page/page.test.ts',
  'test/deploy/deploy.test.ts',
  'test/miniprogram/desk/pages.test.ts',
  'test/functions/answer/models.test.ts',
  'test/functions/receive/schedules.test.ts',
  'test/functions/access-rules.test.ts',
  'test/functions/answer/schedules.test.ts',
  'test/functions/answer/streams.test.ts',
  'test/functions/gateway.test.ts',
  'test/functions/receive.test.ts',
  'test/functions/window.test.ts',
  'test/functions/once.test.ts',
];
const gone = longest.filter((file) => !existsSync(file));
if (gone.length > 0)
  throw new Error(`test/setup/order.mjs names tests that are not there: ${gone.join(', ')}`);

/** Puts the longest in front, also where jest has not seen yet how long they take: none is left over at the end. */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    const place = ({ path }) => {
      const found = longest.findIndex((file) => path.replaceAll('\\', '/').endsWith(file));
      return found < 0 ? longest.length : found;
    };
    return super.sort(tests).sort((one, other) => place(one) - place(other));
  }
}
