import { unknownUser } from '../../../shared/core/reply-windows';
import { textTo, type World } from '../../world/world';

/** Messages that wait in a world's outbox, put there one by one. */

const hour = 3_600_000;

/** A message of the lane that its name begins with, due and nobody’s. */
export const put = (world: World, id: string, fields: object = {}) => {
  const [lane = ''] = id.split('.');
  const payload = JSON.stringify({ message: textTo(`user ${lane}`, id), fallback: [] });
  world.put('kefu_outbox', {
    ...{ lane, account: 'miniprogram', state: 'waiting', seq: 0, priority: 0, rank: 0, dueAt: 0, acts: 0 },
    ...{ attempts: 0, deadline: 9e15, holder: '', leaseUntil: 0, payload, decidedAt: 0, _id: id },
    ...fields,
  });
};
export const fill = (world: World, lane: string, count: number) => {
  for (let seq = 1; seq <= count; seq += 1) put(world, `${lane}.${seq}`, { seq });
};
export const open = (world: World, _id: string, fields: object = {}) =>
  world.put('kefu_windows', {
    ...{ ...unknownUser, _id, remaining: 5, closesAt: world.time.now() + hour },
    ...fields,
  });

export const message = (world: World, id: string) =>
  world.documents('kefu_outbox').find(({ _id }) => _id === id);
export const window = (world: World, id: string) =>
  world.documents('kefu_windows').find(({ _id }) => _id === id);
export const texts = (world: World, lane = '') =>
  world.delivered.flatMap(({ text }) => (text.startsWith(lane) ? [text] : []));
