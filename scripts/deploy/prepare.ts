import type { Project } from '../project/project';
import { type Cloudbaserc, readCloudbaserc } from './cloudbaserc';
import { type PlannedFunction, planFunctions } from './plan';

export type Prepared =
  | { readonly ok: true; readonly rc: Cloudbaserc; readonly functions: readonly PlannedFunction[] }
  | { readonly ok: false; readonly problems: readonly string[] };

/**
 * Reads `cloudbaserc.json`, builds, and looks at the functions that were chosen, or says what is not in order.
 *
 * @param config another file than the project's own
 */
export async function prepare(
  project: Project,
  config: string | undefined,
  only: readonly string[],
  build: (rc: Cloudbaserc) => Promise<string | undefined>,
): Promise<Prepared> {
  const file = config ?? project.cloudbaserc;
  const read = await readCloudbaserc(file);
  if (!read.ok) return faulty(`${file} is not in order:`, read.problems);
  const rc = config === undefined ? { ...read.rc, functionRoot: project.functionRoot } : read.rc;
  const notBuilt = await build(rc);
  if (notBuilt !== undefined) return { ok: false, problems: [notBuilt] };
  const planned = await planFunctions({ rc, only, mixed: project.mixed });
  return planned.ok
    ? { ok: true, rc, functions: planned.functions }
    : faulty('The functions are not in order:', planned.problems);
}

function faulty(about: string, problems: readonly string[]): Prepared {
  return { ok: false, problems: [about, ...problems.map((line) => `  ${line}`)] };
}
