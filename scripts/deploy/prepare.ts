import type { Project } from '../project/project';
import { type Cloudbaserc, readCloudbaserc } from './cloudbaserc';
import { readNames } from './command-line';
import { type PlannedFunction, planFunctions } from './plan';

interface Prepared {
  readonly rc: Cloudbaserc;
  readonly functions: readonly PlannedFunction[];
}

/**
 * Reads `cloudbaserc.json`, builds, and looks at the functions that were chosen. Stops where something is not in order.
 *
 * @param chosen another file than the project's own; the names of functions, with commas
 */
export async function prepare(
  project: Project,
  { config, only }: { readonly config?: string | undefined; readonly only?: string | undefined },
  build: (rc: Cloudbaserc) => Promise<void>,
): Promise<Prepared> {
  const read = await readCloudbaserc(config ?? project.cloudbaserc);
  const rc = config === undefined ? { ...read, functionRoot: project.functionRoot } : read;
  await build(rc);
  return { rc, functions: await planFunctions({ rc, only: readNames(only), mixed: project.mixed }) };
}
