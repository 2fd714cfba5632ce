import type { Ports } from '../../core/ports';
import type { Said } from '../rules/turn';
import { keepsHistory, previewOf, type StoredMessage } from './history';

/** What was said, for whoever makes the next answer. */

/** How much of a conversation is read. */
const mostRecalled = 50;

const speakers = {
  user: 'user',
  person: 'person',
  service: 'service',
  rule: 'service',
  code: 'service',
  model: 'service',
} as const satisfies { readonly [from in StoredMessage['from']]?: Said['from'] };

/**
 * What was said in a lane, the newest last, without the pushes that are being answered; empty where nothing is kept.
 * Throws where the database does.
 */
export async function recallSaid(
  lane: string,
  without: readonly string[],
  ports: Pick<Ports, 'database' | 'settings'>,
): Promise<readonly Said[]> {
  if (!keepsHistory(ports)) return [];
  const found = await ports
    .database('kefu_messages')
    .find(
      { lane, from: { oneOf: Object.keys(speakers) as (keyof typeof speakers)[] } },
      { order: [['at', 'desc']], limit: mostRecalled },
    );
  return found
    .filter(({ _id, status }) => status !== 'failed' && !without.includes(_id))
    .reverse()
    .map(({ from, message, at }) => ({
      from: speakers[from as keyof typeof speakers],
      text: textOf(JSON.parse(message) as object),
      at,
    }));
}

function textOf(message: object): string {
  const { text } = message as { text?: { content?: unknown } };
  return typeof text?.content === 'string' ? text.content : previewOf(message);
}
