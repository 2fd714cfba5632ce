import { persist } from '../../core/failures';
import type { Ports } from '../../core/ports';
import { laneOf } from '../../core/reply-windows';
import { keepOutcome, keepsHistory, maySpeak, type Whose } from './history';

/** The end of what the bot had still to say, where a person has the conversation. */

const handedOver = {
  code: 'handed-over',
  errCode: -501002,
  errMsg: 'a person has the conversation, so what the bot had still to say is not said',
};

/** Gives up what rules, code and models have waiting in the outbox. */
export async function giveUpBots(lane: string, ports: Ports): Promise<void> {
  const outbox = ports.database('kefu_outbox');
  const bots = { lane, state: 'waiting', by: { oneOf: ['rule', 'code', 'model'] } } as const;
  const found = await persist('bots-waiting', ports, () => outbox.find(bots, { fields: ['state'] }));
  const ids = (found ?? []).map(({ _id }) => _id);
  const text = ports.settings.outboxKeep === 'text' ? {} : { payload: '' };
  await Promise.all([
    // By the condition and not by what was found, which may be old.
    persist('give-up-bots', ports, () =>
      outbox.update(bots, { state: 'dead', decidedAt: ports.clock.now(), ...handedOver, ...text }),
    ),
    keepOutcome(ids, { status: 'failed', errCode: handedOver.errCode, errMsg: handedOver.errMsg }, ports),
  ]);
}

/** Lets an answer that is being made know that somebody else has the conversation. */
export async function stopBots(lane: string, ports: Ports): Promise<void> {
  await Promise.all([
    persist('stop-bots', ports, () =>
      ports.database('kefu_windows').update({ _id: lane }, { handedAt: ports.clock.now(), askedAt: 0 }),
    ),
    giveUpBots(lane, ports),
  ]);
}

/**
 * Gives up what the bot has just put into the outbox, where a person took the conversation in the meantime: a claim gives
 * up what it finds there, and whoever puts something there afterwards finds the claim.
 */
export async function heedClaim(whose: Whose, ports: Ports): Promise<void> {
  if (!keepsHistory(ports)) return;
  const may = await persist('heed-claim', ports, () => maySpeak(whose, ports));
  if (may === false) await giveUpBots(laneOf(whose.account, whose.touser, ports), ports);
}
