import type { WarmResult } from './children/warm';
import { ratiosOf, type Section, spreadOf } from './statistics';
import { callContext, type Workplace } from './workplace';

const withHistory = 'kefu-send with history';

/** One call of kefu-send in a process that has made many, against the SDK's call alone, on one gateway. */
export async function measureWarm(workplace: Workplace): Promise<Section> {
  const [warmUps, calls] = workplace.quick ? ['800', '200'] : ['1500', '500'];
  const names = ['bare SDK call', 'kefu-send', withHistory];
  const results = new Map<string, WarmResult[]>(names.map((name) => [name, []]));
  // The owner's own code calls: a client has so many calls a minute.
  const event = JSON.stringify({ touser: 'oUser', msgtype: 'text', text: { content: 'Hello World' } });
  for (let round = 0; round < workplace.rounds; round += 1) {
    workplace.progress(`warm call: round ${round + 1} of ${workplace.rounds}`);
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const args = [workplace.fileOf(name), event, callContext('wx_http'), warmUps, calls];
      results.get(name)?.push((await workplace.run<WarmResult>('warm', args)).result);
    }
  }
  const of = (name: string, field: keyof WarmResult) => (results.get(name) ?? []).map((each) => each[field]);
  const measures = [
    { name: 'latency', field: 'latencyMs', limit: 1 },
    { name: 'processor', field: 'cpuMs', limit: 1.05 },
  ] as const;
  return {
    title: 'Warm call',
    about: `One text through kefu-send, after ${warmUps} others in the same process, against the bare SDK call.`,
    rows: ['kefu-send', withHistory].flatMap((file) =>
      measures.map(({ name, field, limit }) => ({
        name: file === withHistory ? `${name}, conversations kept` : name,
        cells: {
          'bare SDK ms': spreadOf(of('bare SDK call', field)).median,
          'kefu-send ms': spreadOf(of(file, field)).median,
          ratio: ratiosOf(of(file, field), of('bare SDK call', field)),
        },
        // What is kept is written beside the send: two more requests of the process, and no wait.
        ...(file === withHistory ? {} : { atMost: { column: 'ratio', limit } }),
      })),
    ),
  };
}
