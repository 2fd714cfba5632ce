import { writeSync } from 'node:fs';

/** What the process finds out, in milliseconds of wall clock and of processor. */
export interface ColdResult {
  readonly loadMs: number;
  readonly totalMs: number;
  readonly cpuMs: number;
  readonly answer: unknown;
}

/**
 * A fresh instance: loads a function, lets it answer one event, and writes the times to descriptor 3. It loads nothing
 * itself that would spare the function work.
 */
const [file = '', event = '{}', context = '{}', variables = '{}'] = process.argv.slice(2);
Object.assign(process.env, JSON.parse(variables));
const cpuBefore = process.cpuUsage();
const startedAt = process.hrtime.bigint();
const { main } = require(file) as { main: (event: unknown, context: unknown) => Promise<unknown> };
const loadedAt = process.hrtime.bigint();
main(JSON.parse(event), JSON.parse(context)).then((answer) => {
  const answeredAt = process.hrtime.bigint();
  const { user, system } = process.cpuUsage(cpuBefore);
  const result: ColdResult = {
    loadMs: Number(loadedAt - startedAt) / 1e6,
    totalMs: Number(answeredAt - startedAt) / 1e6,
    cpuMs: (user + system) / 1e3,
    answer,
  };
  writeSync(3, JSON.stringify(result));
  process.exit();
});
