import { writeSync } from 'node:fs';

/** Of one call, once the process has made many: the median of its duration, the mean of its processor time. */
export interface WarmResult {
  readonly latencyMs: number;
  readonly cpuMs: number;
}

const [file = '', event = '{}', context = '{}', warmUps = '0', calls = '1'] = process.argv.slice(2);
const { main } = require(file) as {
  main: (event: unknown, context: unknown) => Promise<{ errCode: number }>;
};
const call = async () => {
  const answer = await main(JSON.parse(event), JSON.parse(context));
  if (answer.errCode !== 0) throw new Error(`not sent: ${JSON.stringify(answer)}`);
};

async function run(): Promise<void> {
  for (let made = 0; made < Number(warmUps); made += 1) await call();
  const durations: number[] = [];
  const cpuBefore = process.cpuUsage();
  for (let made = 0; made < Number(calls); made += 1) {
    const startedAt = process.hrtime.bigint();
    await call();
    durations.push(Number(process.hrtime.bigint() - startedAt) / 1e6);
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  const result: WarmResult = {
    latencyMs: durations.sort((one, other) => one - other)[durations.length >> 1] ?? 0,
    cpuMs: (user + system) / 1e3 / durations.length,
  };
  writeSync(3, JSON.stringify(result));
  process.exit();
}
void run();
