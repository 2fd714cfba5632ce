import { nearestName } from '../../shared/wechat/fields/suggest';
import { type Environment, Stop } from './command-line';

interface Runtime {
  /** The Node that it runs, for tests and workflow. */
  readonly node: string;
  /** Whether the built functions are run under it here. */
  readonly tested: boolean;
}

/**
 * The Node.js runtimes that CloudBase lists and whose names the CLI knows, the oldest first. Its page has 26.x besides,
 * which no tool has a name for yet.
 *
 * Sources: `docs.cloudbase.net/cloud-function/runtime-support` (2026: 24.11 recommended); @cloudbase/cli 2.12.10, which
 * calls 22.21 and 24.11 beta.
 */
export const runtimes = {
  // Older than what the functions are built for.
  'Nodejs16.13': { node: '16.13.0', tested: false },
  'Nodejs18.15': { node: '18.15.0', tested: true },
  'Nodejs20.19': { node: '20.19.0', tested: true },
  'Nodejs22.21': { node: '22.21.0', tested: true },
  'Nodejs24.11': { node: '24.11.0', tested: true },
} as const satisfies { readonly [name: string]: Runtime };

export type RuntimeName = keyof typeof runtimes;

export const runtimeNames = Object.keys(runtimes) as readonly RuntimeName[];

/** Those that the built functions are run under. */
export const testedRuntimes = runtimeNames.filter((name) => runtimes[name].tested);

/** The one that `cloudbaserc.json` asks for: the newest of them. `KEFU_RUNTIME` says otherwise for a deploy. */
export const usualRuntime: RuntimeName = 'Nodejs24.11';

/** The functions on the runtime that `KEFU_RUNTIME` names, or on that of their entries where it is not set. */
export function onRuntime<F extends { readonly entry: object }>(
  functions: readonly F[],
  { KEFU_RUNTIME: wanted = '' }: Environment,
): readonly F[] {
  if (wanted === '') return functions;
  if (testedRuntimes.some((name) => name === wanted))
    return functions.map((planned) => ({ ...planned, entry: { ...planned.entry, runtime: wanted } }));
  const near = nearestName(wanted, testedRuntimes);
  const hint = near === undefined ? `one of ${testedRuntimes.join(', ')}` : `did you mean ${near}?`;
  throw new Stop([`KEFU_RUNTIME is no runtime that the functions are tested on; ${hint}`]);
}
