import { careless } from '../../core/failures';
import { idOf, type Ports } from '../../core/ports';
import { laneOf } from '../../core/reply-windows';
import { chinaTime } from './china-time';
import { keepEntries, previewOf, type Whose } from './history';

/** Asking for a person of the desk. */

/** How long ago somebody was at the desk who need not be told. */
const awayMs = 60 * 1000;

/** How many people are told at most. */
const mostTold = 20;

/** The longest words that a template's `thing` takes. */
const mostCharacters = 20;

/** The type of notice that tells somebody who is away that a user waits. */
export const waitingNotice = 'desk-waiting';

/**
 * Asks for a person, where nobody is asked for yet. From then on the bot is silent.
 *
 * @param id a name that a repeat gives it again
 */
export async function askForPersonHere(id: string, whose: Whose, ports: Ports): Promise<void> {
  const event = { msgtype: 'event', event: 'asked' };
  const entry = { id, from: 'event', message: event, status: 'received' } as const;
  if (await keepEntries(whose, [entry], ports, { step: 'ask' })) await callPeople(whose, '', ports);
}

/**
 * Tells the people of the desk who are away that a user waits, each once: by `kefu-notify`, where the owner's table has
 * a notice `desk-waiting`. Nothing of it can fail.
 */
export async function callPeople(whose: Whose, words: string, ports: Ports): Promise<void> {
  await careless('call-people', ports, async () => {
    const now = ports.clock.now();
    const operators = [...ports.settings.operators];
    const present = await ports
      .database('kefu_team')
      .find({ openid: { oneOf: operators }, seenAt: { above: now - awayMs } }, { fields: ['openid'] });
    const there = new Set(present.map(({ openid }) => openid));
    const away = operators.filter((openid) => !there.has(openid)).slice(0, mostTold);
    const lane = laneOf(whose.account, whose.touser, ports);
    const text = [...words].slice(0, mostCharacters).join('') || '人工服务';
    await Promise.all(
      away.map((touser) =>
        ports.startFunction('kefu-notify', {
          type: waitingNotice,
          touser,
          data: { text, at: chinaTime(now) },
          requestId: idOf([waitingNotice, lane, now, touser], ports),
        }),
      ),
    );
  });
}

/** The words of what a user sent, for who is told of it. */
export function wordsOf(message: object): string {
  return previewOf(message).replace(/\s+/g, ' ');
}
