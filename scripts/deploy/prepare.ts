import { type Cloudbaserc, readCloudbaserc } from './cloudbaserc';
import { type PlannedFunction, planFunctions } from './plan';

export type Prepared =
  | { readonly ok: true; readonly rc: Cloudbaserc; readonly functions: readonly PlannedFunction[] }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Reads `cloudbaserc.json`, builds, and looks at the functions that were chosen, or says what is not in order. */
export async function prepare(
  config: string,
  only: readonly string[],
  build: (rc: Cloudbaserc) => Promise<string | undefined>,
): Promise<Prepared> {
  const read = await readCloudbaserc(config);
  if (!read.ok) return faulty(`${config} is not in order:`, read.problems);
  const notBuilt = await build(read.rc);
  if (notBuilt !== undefined) return { ok: false, problems: [notBuilt] };
  const planned = await planFunctions({ rc: read.rc, only });
  return planned.ok
    ? { ok: true, rc: read.rc, functions: planned.functions }
    : faulty('The functions are not in order:', planned.problems);
}

function faulty(about: string, problems: readonly string[]): Prepared {
  return { ok: false, problems: [about, ...problems.map((line) => `  ${line}`)] };
}
