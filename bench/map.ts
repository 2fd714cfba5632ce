import type { MapResult } from './children/map';
import { ratiosOf, type Section, spreadOf } from './statistics';
import type { Workplace } from './workplace';

/** The map from WeChat's HTTPS shape to the cloud call's, against converters that go by the look of a key. */
export async function measureMap(workplace: Workplace): Promise<Section> {
  const results: MapResult[] = [];
  for (let round = 0; round < workplace.rounds; round += 1) {
    workplace.progress(`message map: round ${round + 1} of ${workplace.rounds}`);
    results.push((await workplace.run<MapResult>('map', [workplace.quick ? '30' : '100'])).result);
  }
  const of = (name: string) => results.map((result) => result[name] ?? Number.NaN);
  const [own = '', ...others] = Object.keys(results[0] ?? {});
  return {
    title: 'Message map',
    about: `The example of every message type, one after the other; time for one message.`,
    rows: [own, ...others].map((name) => ({
      name,
      cells: {
        'ns a message': spreadOf(of(name)).median,
        [`${own} takes of it`]: ratiosOf(of(own), of(name)),
      },
    })),
  };
}
