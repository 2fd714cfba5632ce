import type { Day } from './contract';

/** The figures as a table that spreadsheets open. */

/** The columns, in their order: what each is of a day. */
const columns = {
  day: ({ day }) => day,
  conversations: ({ conversations }) => conversations,
  firstAnswerSeconds: ({ firstAnswerMs }) => Math.round(firstAnswerMs / 100) / 10,
  byRule: ({ answeredByRule }) => answeredByRule,
  byCode: ({ answeredByCode }) => answeredByCode,
  byModel: ({ answeredByModel }) => answeredByModel,
  byPerson: ({ answeredByPerson }) => answeredByPerson,
  good: ({ satisfaction }) => satisfaction.good,
  fair: ({ satisfaction }) => satisfaction.fair,
  bad: ({ satisfaction }) => satisfaction.bad,
  refused: ({ refused }) => refused,
} as const satisfies { readonly [name: string]: (day: Day) => string | number };

/** The names of the columns. */
export type ColumnName = keyof typeof columns;

export const columnNames = Object.keys(columns) as readonly ColumnName[];

/** A day's row, as it is shown. */
export function rowOf(day: Day): readonly (string | number)[] {
  return columnNames.map((name) => columns[name](day));
}

/** A value in quotes where it needs them; what a spreadsheet would take for a formula is text. */
function cell(value: string | number): string {
  const text = typeof value === 'string' && /^[=+@\t\r-]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}

/** Days as CSV (RFC 4180), beginning with the byte order mark by which spreadsheets know UTF-8. */
export function toCsv(days: readonly Day[], titles: { readonly [C in ColumnName]: string }): string {
  const rows = [columnNames.map((name) => titles[name]), ...days.map(rowOf)];
  return `\ufeff${rows.map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
}
