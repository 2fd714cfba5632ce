/** The middle of a list, and where its quarters end. */
export interface Spread {
  readonly median: number;
  readonly lower: number;
  readonly upper: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((one, other) => one - other);
  const at = (share: number) => sorted[Math.round((sorted.length - 1) * share)] ?? Number.NaN;
  return { median: at(0.5), lower: at(0.25), upper: at(0.75) };
}

/** The ratios of two lists of which each pair was measured side by side. */
export function ratiosOf(values: readonly number[], to: readonly number[]): Spread {
  return spreadOf(values.map((value, index) => value / (to[index] ?? Number.NaN)));
}

/** A line of the bench's tables: what was measured, and what it should be at most. */
export interface Row {
  readonly name: string;
  readonly cells: { readonly [column: string]: Spread | number | string };
  /** The column that has a limit, and the limit. */
  readonly atMost?: { readonly column: string; readonly limit: number };
}

export interface Section {
  readonly title: string;
  readonly about: string;
  readonly rows: readonly Row[];
}

/** A section as a Markdown table. */
export function renderSection({ title, about, rows }: Section): string {
  const columns = [...new Set(rows.flatMap(({ cells }) => Object.keys(cells)))];
  const limited = rows.some(({ atMost }) => atMost !== undefined);
  const lines = [
    ['', ...columns, ...(limited ? ['at most'] : [])],
    ['---', ...columns.map(() => '---:'), ...(limited ? ['---'] : [])],
    ...rows.map((row) => [
      row.name,
      ...columns.map((column) => renderCell(row.cells[column])),
      ...(limited ? [renderLimit(row)] : []),
    ]),
  ];
  return [`## ${title}`, '', about, '', ...lines.map((cells) => `| ${cells.join(' | ')} |`)].join('\n');
}

function renderCell(cell: Spread | number | string | undefined): string {
  if (cell === undefined) return '';
  if (typeof cell === 'string') return cell;
  if (typeof cell === 'number') return inFigures(cell);
  return `${inFigures(cell.median)} (${inFigures(cell.lower)}–${inFigures(cell.upper)})`;
}

/** Three significant figures, and no fraction beyond 100. */
function inFigures(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function renderLimit({ cells, atMost }: Row): string {
  if (atMost === undefined) return '';
  const cell = cells[atMost.column];
  const value = typeof cell === 'object' ? cell.median : Number(cell);
  return `${atMost.limit} ${value <= atMost.limit ? '✓' : '✗'}`;
}
