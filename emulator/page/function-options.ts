import type { FunctionInfo } from './local-wechat/api';
import type { Option, OptionGroup } from './select';

/** The functions to choose from: ours, and other people's under the folder they stand in. */
export function functionOptions(functions: readonly FunctionInfo[]): readonly (Option | OptionGroup)[] {
  const namesOf = (folder: string | undefined) =>
    functions.filter(({ from }) => from === folder).map(({ name }) => name);
  const folders = [...new Set(functions.flatMap(({ from }) => from ?? []))];
  return [...namesOf(undefined), ...folders.map((label) => ({ label, options: namesOf(label) }))];
}
