import { type Answer, success } from '../../core/answer';
import { careless } from '../../core/failures';
import { idOf, type Ports } from '../../core/ports';
import type { Fields, Shape } from '../../wechat/fields/fields';
import type { DeskCall } from './desk-call';

/** The people at the desk: those of `KEFU_OPERATORS`, with the names they give themselves, and when they were there last. */

/** How often it is written that somebody is at the desk, as each instance knows it. */
const seenEveryMs = 20_000;

const seen = new Map<string, number>();

/** Notes that somebody is at the desk. */
export async function noteSeen(openid: string, ports: Ports): Promise<void> {
  const now = ports.clock.now();
  if (Math.abs(now - (seen.get(openid) ?? 0)) < seenEveryMs) return;
  seen.set(openid, now);
  await careless('note-seen', ports, () => writeMember(openid, { seenAt: now }, ports));
}

async function writeMember(
  openid: string,
  changes: { readonly name?: string; readonly seenAt: number },
  ports: Ports,
): Promise<void> {
  const team = ports.database('kefu_team');
  const _id = idOf(['team', openid], ports);
  if ((await team.update({ _id }, changes)) > 0) return;
  if (!(await team.insert([{ name: '', ...changes, openid, _id }]))) await team.update({ _id }, changes);
}

/** A person at the desk, as colleagues see it. `seenAt` is 0 for who was never there. */
export interface Agent {
  readonly openid: string;
  readonly name: string;
  readonly seenAt: number;
}

/** Everybody of `KEFU_OPERATORS`, in that order. Who gave no name has the end of its openid for one. */
export async function readTeam(ports: Ports): Promise<readonly Agent[]> {
  const { operators } = ports.settings;
  const found = await ports.database('kefu_team').find({ openid: { oneOf: [...operators] } });
  const members = new Map(found.map((member) => [member.openid, member]));
  return Array.from(operators, (openid) => {
    const { name = '', seenAt = 0 } = members.get(openid) ?? {};
    return { openid, name: name || openid.slice(-6), seenAt };
  });
}

export const teamFields = { name: { kind: 'text', need: 'never', maxBytes: 60 } } as const satisfies Fields;

/** Lists the team; with `name` sets one's own first. */
export async function runTeam(
  { name }: Shape<typeof teamFields>,
  { me, ports }: DeskCall,
): Promise<Answer<{ agents: readonly Agent[] }>> {
  const seenAt = ports.clock.now();
  if (name !== undefined) await writeMember(me, { name, seenAt }, ports);
  const agents = await readTeam(ports);
  // What was just written may not be read yet.
  return success({
    agents: agents.map((agent) =>
      agent.openid === me ? { ...agent, name: name ?? agent.name, seenAt } : agent,
    ),
  });
}
