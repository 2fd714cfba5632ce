import { idOf, type Ports } from '../../core/ports';

/** Each user's own switch for each type of notice. One that was never touched is on. */

/** Whether a user wants notices of these types. Throws where the database cannot be asked. */
export async function readSwitches(
  touser: string,
  types: readonly string[],
  ports: Ports,
): Promise<ReadonlyMap<string, boolean>> {
  const ids = switchIds(touser, types, ports);
  const found = await ports
    .database('kefu_switches')
    .find({ _id: { oneOf: ids }, state: 'off' }, { fields: ['state'] });
  const off = new Set(found.map(({ _id }) => _id));
  return new Map(types.map((type, place) => [type, !off.has(ids[place] ?? '')]));
}

/** Sets a user's switch. Throws where the database does not say that it was set. */
export async function setSwitch(touser: string, type: string, on: boolean, ports: Ports): Promise<void> {
  const document = { type, state: on ? 'on' : 'off', at: ports.clock.now() } as const;
  await ports.database('kefu_switches').set(switchId(touser, type, ports), document);
}

/** The names of a user's switches for these types. */
export function switchIds(touser: string, types: readonly string[], ports: Pick<Ports, 'digest'>): string[] {
  return types.map((type) => switchId(touser, type, ports));
}

/** The document's name tells nobody whose it is. */
function switchId(touser: string, type: string, ports: Pick<Ports, 'digest'>): string {
  return idOf([touser, type], ports);
}
