/** No rule is longer, however wide its column. */
const longestRule = 40;

/** A table of texts with aligned columns, numbers to the right. Chinese characters count as one. */
export function renderTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const columns = header.map((title, column) => {
    const cells = rows.map((row) => row[column] ?? '');
    const width = Math.max(...[title, ...cells].map(({ length }) => length));
    return { width, isNumbers: cells.every((cell) => /^\d+$/.test(cell)) };
  });
  const rules = columns.map(({ width }) => '-'.repeat(Math.min(width, longestRule)));
  return [header, rules, ...rows]
    .map((row) =>
      columns
        .map(({ width, isNumbers }, column) => {
          const cell = row[column] ?? '';
          return isNumbers ? cell.padStart(width) : cell.padEnd(width);
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
