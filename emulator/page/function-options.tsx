import type { FunctionInfo } from './local-wechat/api';

/** The functions to choose from: ours, and other people's under the folder they stand in. */
export function FunctionOptions({ functions }: { functions: readonly FunctionInfo[] }) {
  const options = (from: string | undefined) =>
    functions
      .filter((one) => one.from === from)
      .map(({ name }) => (
        <option value={name} key={name}>
          {name}
        </option>
      ));
  const folders = [...new Set(functions.flatMap(({ from }) => from ?? []))];
  return (
    <>
      {options(undefined)}
      {folders.map((folder) => (
        <optgroup label={folder} key={folder}>
          {options(folder)}
        </optgroup>
      ))}
    </>
  );
}
