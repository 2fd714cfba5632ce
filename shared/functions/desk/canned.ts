import { type Answer, refuseFaults, success } from '../../core/answer';
import type { Fields, Shape } from '../../wechat/fields/fields';
import type { DeskCall } from './desk-call';

/** Answers to pick from: one table for all of the desk. */

const text = { kind: 'text', need: 'always', missing: 44004 } as const;

export const cannedFields = {
  save: {
    kind: 'group',
    need: 'never',
    fields: {
      id: { kind: 'text', need: 'never', maxBytes: 64 },
      title: { ...text, maxBytes: 120 },
      text: { ...text, maxBytes: 4000 },
    },
  },
  remove: { kind: 'text', need: 'never', maxBytes: 64 },
} as const satisfies Fields;

interface Canned {
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

/** Most desks have a dozen. */
const mostCanned = 500;

/** Lists the canned answers, the oldest first; with `save` or `remove` changes one first. */
export async function runCanned(
  { save, remove }: Shape<typeof cannedFields>,
  { ports }: DeskCall,
): Promise<Answer<{ readonly canned: readonly Canned[] }>> {
  const table = ports.database('kefu_canned');
  if (save?.id !== undefined && !/^\S{1,64}$/.test(save.id))
    return refuseFaults([{ path: 'save.id', message: 'must be the id of a canned answer', errCode: 40035 }]);
  const found = await table.find({}, { order: [['at', 'asc']], limit: mostCanned });
  const canned = new Map(
    found.map(({ _id: id, title, text: content }) => [id, { id, title, text: content }]),
  );
  if (save !== undefined) {
    const { id = ports.newId(), title, text: content } = save;
    const at = found.find(({ _id }) => _id === id)?.at ?? ports.clock.now();
    await table.set(id, { title, text: content, at });
    canned.set(id, { id, title, text: content });
  }
  if (remove !== undefined) {
    await table.remove({ _id: remove });
    canned.delete(remove);
  }
  return success({ canned: [...canned.values()] });
}
