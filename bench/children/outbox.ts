import { writeSync } from 'node:fs';

/** What sending many messages took, in a process of its own. */
export interface OutboxResult {
  readonly sent: number;
  readonly wallMs: number;
  readonly cpuMs: number;
  /** The largest the process was, in bytes. */
  readonly peakBytes: number;
}

/**
 * `drain`: calls kefu-outbox once. `bare`: calls the other function a number of times, as many at once as the drain
 * does.
 */
const [kind = 'drain', file = '', context = '{}', count = '1', atOnce = '1'] = process.argv.slice(2);
const { main } = require(file) as {
  main: (event: unknown, context: unknown) => Promise<{ sent?: number; errCode?: number }>;
};

async function sendBare(): Promise<number> {
  let left = Number(count);
  let sent = 0;
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      await main({}, {});
      sent += 1;
    }
  };
  await Promise.all(Array.from({ length: Number(atOnce) }, worker));
  return sent;
}

async function run(): Promise<void> {
  // Whatever is loaded and compiled on first use is not what is measured.
  if (kind === 'bare') await main({}, {});
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  const sent = kind === 'bare' ? await sendBare() : ((await main({}, JSON.parse(context))).sent ?? 0);
  const { user, system } = process.cpuUsage(cpuBefore);
  const result: OutboxResult = {
    sent,
    wallMs: performance.now() - startedAt,
    cpuMs: (user + system) / 1e3,
    peakBytes: process.resourceUsage().maxRSS * 1024,
  };
  writeSync(3, JSON.stringify(result));
  process.exit();
}
void run();
