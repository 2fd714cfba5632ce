import { careless } from '../../core/failures';
import type { Ports } from '../../core/ports';
import { type FilePorts, removeFiles, withFiles } from './files';
import { keepsHistory } from './history';
import { steps } from './states';

/** What is done about conversations by the outbox's timer. */

const dayMs = 24 * 60 * 60 * 1000;

/** How many files are copied in one go, how many copies are deleted in one, and how often that is done in an hour. */
const mostCopied = 10;
const mostDeleted = 50;
const mostRounds = 40;

/** How often it is looked for what is too old, in minutes. */
const clearEveryMinutes = 60;

/** Gives back what a silent person has, copies files, and clears what is older than `KEFU_HISTORY_DAYS`. Never throws. */
export async function keepHouse(ports: FilePorts): Promise<void> {
  const isTime = Math.floor(ports.clock.now() / 60_000) % clearEveryMinutes === 0;
  await Promise.all([
    keepsHistory(ports) ? careless('lapse', ports, () => endSilent(ports)) : undefined,
    keepsHistory(ports) ? careless('copy-files', ports, () => copyFiles(ports)) : undefined,
    isTime ? careless('clear-history', ports, () => clearOld(ports)) : undefined,
  ]);
}

/** Gives conversations whose person has said nothing for too long to the bot. */
async function endSilent({ database, clock }: Ports): Promise<void> {
  const now = clock.now();
  const moment = { now, me: '' };
  const { from, changes } = steps.lapse;
  for (const condition of from(moment))
    await database('kefu_conversations').update(condition, {
      ...changes(),
      steps: { add: 1 },
      changedAt: now,
    });
}

async function copyFiles(ports: FilePorts): Promise<void> {
  const wanted = await ports
    .database('kefu_messages')
    .find({ media: 'wanted' }, { order: [['at', 'asc']], limit: mostCopied });
  await withFiles(wanted, ports);
}

/** Clears what is too old; where nothing is kept any more, all that was. Files go before what names them. */
async function clearOld(ports: Ports): Promise<void> {
  const { database, clock, settings } = ports;
  const at = { atMost: clock.now() - settings.historyDays * dayMs };
  const messages = database('kefu_messages');
  for (let round = 0; round < mostRounds; round += 1) {
    const copied = await messages.find({ media: 'kept', at }, { limit: mostDeleted });
    if (!(await removeFiles(copied, ports))) return;
    await messages.remove({ _id: { oneOf: copied.map(({ _id }) => _id) } });
    if (copied.length === mostDeleted) continue;
    await messages.remove({ media: { oneOf: ['none', 'wanted', 'gone'] }, at });
    await database('kefu_conversations').remove({ lastAt: at });
    return;
  }
}
