import { nearestName } from '../../shared/wechat/fields/suggest';

/** A table of texts with aligned columns; Chinese characters count as one. */
export function renderTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((_, column) =>
    Math.max(...[header, ...rows].map((row) => (row[column] ?? '').length)),
  );
  return [header, widths.map((width) => '-'.repeat(width)), ...rows]
    .map((row) =>
      row
        .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** An environment's id as the console shows it, or why a text is none. */
export function checkEnvId(envId: string | undefined, command: string): string | undefined {
  if (envId === undefined || envId === '') {
    return `which environment? npm run ${command} -- --env <id> (the console shows it), or set ENV_ID`;
  }
  return /^[a-zA-Z0-9][a-zA-Z0-9-]{1,62}$/.test(envId)
    ? undefined
    : `${JSON.stringify(envId)} is no environment id: letters, digits and hyphens only`;
}

/** The names of a list with commas; none where there is no list. */
export function readNames(list: string | undefined): string[] {
  return (list ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** What to say of the first option that there is none of; `undefined` where all are known. */
export function refuseOptions(args: readonly string[], known: readonly string[]): string | undefined {
  const unknown = args
    .filter((arg) => arg.startsWith('--'))
    .map((arg) => arg.slice(2).replace(/=.*/s, '').replace(/^no-/, ''))
    .find((name) => !known.includes(name));
  if (unknown === undefined) return undefined;
  const near = nearestName(unknown, known);
  return `there is no option --${unknown}${near === undefined ? ' (see --help)' : `; did you mean --${near}?`}`;
}
