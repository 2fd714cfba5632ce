import { writeSync } from 'node:fs';
import camelcaseKeys from 'camelcase-keys';
import { camelizeKeys } from 'humps';
import { Bench } from 'tinybench';
import { toCloudCall } from '../../shared/wechat/messages/cloud-call';
import { messageExamples } from '../../shared/wechat/messages/message-examples';
import type { Message } from '../../shared/wechat/messages/message-types';
import { convertCase } from './sdk-conversion';

/** How long one message takes each converter, in nanoseconds. */
export type MapResult = { readonly [converter: string]: number };

const messages = Object.entries(messageExamples).map(
  ([msgtype, body]) => ({ touser: 'oUser', msgtype, [msgtype]: body }) as unknown as Message,
);
const toCamel = { from: 'snakecase', to: 'camelcase', recursive: true };

const converters: { readonly [name: string]: (message: Message) => unknown } = {
  toCloudCall,
  'the SDK’s convertCase': (message) => convertCase(message, toCamel),
  'camelcase-keys': (message) => camelcaseKeys(message as object, { deep: true }),
  humps: (message) => camelizeKeys(message as object),
};

async function run(timeMs: number): Promise<void> {
  const bench = new Bench({ time: timeMs, warmupTime: timeMs / 2 });
  for (const [name, convert] of Object.entries(converters)) {
    bench.add(name, () => {
      for (const message of messages) convert(message);
    });
  }
  await bench.run();
  const result: MapResult = Object.fromEntries(
    bench.tasks.map((task) => {
      if (!('latency' in task.result)) throw new Error(`${task.name} was not measured`);
      return [task.name, (task.result.latency.p50 * 1e6) / messages.length];
    }),
  );
  writeSync(3, JSON.stringify(result));
}
void run(Number(process.argv[2]));
