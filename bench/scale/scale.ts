import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Section } from '../statistics';
import type { Workplace } from '../workplace';
import { plot } from './plot';
import { cloud, type Simulated, simulate } from './simulate';

/** How many runs there are at most at a time. */
const runCounts = [1, 2, 4, 8, 16, 32];

/** Where the plot goes. */
const plotFile = path.join('docs', 'images', 'outbox-scale.svg');

/** Draining a million messages to 200,000 users by 1 to 32 runs, in virtual time; draws what came of it. */
export async function measureScale({
  quick,
  progress,
}: Pick<Workplace, 'quick' | 'progress'>): Promise<Section> {
  const [messages, users] = quick ? [20_000, 4000] : [1_000_000, 200_000];
  const results: Simulated[] = [];
  for (const runs of runCounts) {
    progress(`scale: ${messages} messages by ${runs} runs`);
    results.push(await simulate(messages, users, runs));
  }
  if (!quick) {
    await mkdir(path.dirname(plotFile), { recursive: true });
    await writeFile(plotFile, plot(results));
  }
  const range = ([least, most]: readonly [number, number]) => `${least} to ${most} ms`;
  return {
    title: 'Scale',
    about: `${messages.toLocaleString('en')} messages to ${users.toLocaleString('en')} users, simulated with the code of the outbox: the database takes ${range(cloud.database)}, WeChat ${range(cloud.wechat)}, the start of a run ${range(cloud.start)}.`,
    rows: results.map((result, index) => ({
      name: `at most ${runCounts[index]}`,
      cells: {
        minutes: result.seconds / 60,
        'messages a second': result.messagesASecond,
        'database calls a message': result.databaseCalls,
        'database calls a second': result.databaseASecond,
        'of them at a time': result.databaseAtOnce,
        'GB-seconds a thousand': result.gbSeconds,
        'calls of functions a thousand': result.invocations,
      },
      atMost: { column: 'database calls a message', limit: 0.3 },
    })),
  };
}
