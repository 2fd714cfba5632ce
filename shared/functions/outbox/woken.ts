import type { Noted } from '../../core/reply-windows';
import type { FallbackPorts } from '../deliver/fallback';
import { sendLanes } from './lanes';
import { createRun } from './run';
import { wake } from './sleep';

/** How long messages that waited for a push are begun. */
const begunWithinMs = 2500;

/**
 * Sends what waited in a lane for its user's push, as far as the window goes, after the push was noted.
 *
 * The lane is woken beside it: what slept at another number of acts than the push was given is awake, whether that is
 * written already or not. Should this die, the next drain finds the lane woken.
 */
export async function sendWoken(
  lane: string,
  noted: Pick<Noted, 'acts'>,
  ports: FallbackPorts,
): Promise<void> {
  const run = createRun(ports, begunWithinMs);
  await Promise.all([wake(lane, noted, ports), sendLanes([lane], run, new Map([[lane, noted.acts]]))]);
}
