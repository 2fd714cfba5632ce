import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { refuseFaults } from '../shared/core/answer';
import { errorMeaning } from '../shared/wechat/errors/error-meanings';
import { type ErrorCodeName, errorCodes, errorRow, errors } from '../shared/wechat/errors/errors';
import { errCodeAdviceZh, errorAdviceZh } from '../shared/wechat/errors/errors-zh';
import { functionsSource } from './build-functions';
import { command, exits } from './deploy/command-line';
import { everyMessage, everyMessageFile } from './every-message';
import { cloudbasercOf, configOf, functionRows } from './function-rows';

type Language = 'en' | 'zh';

/** The pages of all errors: their text stands in them, what comes from the tables is written into them. */
export const errorPages = { 'docs/errors.md': 'en', 'docs/errors.zh-CN.md': 'zh' } as const;

/** What is written from tables and from the functions' definitions, by its place in the project. */
async function writtenFiles(): Promise<ReadonlyMap<string, string>> {
  const rows = await functionRows();
  return new Map([
    ...(await Promise.all(
      Object.entries(errorPages).map(async ([file, language]) => {
        const page = await readFile(path.join(process.cwd(), file), 'utf8');
        return [file, renderErrors(language, page)] as const;
      }),
    )),
    [everyMessageFile, json(everyMessage())],
    ['cloudbaserc.json', json(cloudbasercOf(rows))],
    ...rows.map((row) => [`${functionsSource}/${row.name}/config.json`, json(configOf(row))] as const),
  ]);
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

const usage = `Writes the files that come from tables and definitions: the tables of docs/errors.md, the story of every message,
cloudbaserc.json and each function's config.json. The functions must have been built.

  npm run docs -- [options]

  --check  write nothing, and name what is out of date
  --help   this text

Exits 0 when everything is written or was as it should be, 1 when --check found something.`;

export const main = command(usage, { check: { type: 'boolean' } }, async ({ check }, terminal) => {
  const root = process.cwd();
  const files = await writtenFiles();
  if (check !== true) {
    for (const [file, text] of files) {
      await mkdir(path.dirname(path.join(root, file)), { recursive: true });
      await writeFile(path.join(root, file), text);
    }
    return exits.done;
  }
  let outdated = 0;
  for (const [file, text] of files) {
    const there = await readFile(path.join(root, file), 'utf8').catch(() => undefined);
    if (there === text) continue;
    terminal.print(`${file} is out of date: node scripts/run.mjs docs`);
    outdated += 1;
  }
  return outdated === 0 ? exits.done : exits.failed;
});

interface Texts {
  readonly words: readonly string[];
  readonly errCodes: readonly string[];
  readonly yes: string;
  readonly no: string;
  /** Between what an ambiguous failure is, and what it is where a repeat could do harm. */
  readonly ambiguous: string;
}

/** What the tables say beside their rows; all other text of the pages stands in the pages. */
const texts: Readonly<Record<Language, Texts>> = {
  en: {
    words: ['code', 'retryable', 'advice'],
    errCodes: ['errcode', 'code', 'retryable', 'meaning', 'advice of its own', 'source'],
    yes: 'yes',
    no: 'no',
    ambiguous: '; for a send ',
  },
  zh: {
    words: ['code', 'retryable', '建议'],
    errCodes: ['errcode', 'code', 'retryable', '含义', '返回码自己的建议', '来源'],
    yes: '是',
    no: '否',
    ambiguous: '；发送时为 ',
  },
};

/** What stands on a page of errors between `<!-- name -->` and `<!-- / -->`, by its name. */
const written: { readonly [name: string]: (language: Language) => string } = {
  answer: () => `\`\`\`json\n${JSON.stringify(example, null, 2)}\n\`\`\``,
  words: (language) =>
    table(
      texts[language].words,
      (Object.keys(errorCodes) as ErrorCodeName[]).map((code) => wordCells(code, language)),
    ),
  wechat: (language) => errCodeTable(language, (errCode) => errCode >= -1),
  gateway: (language) => errCodeTable(language, (errCode) => errCode < -600000),
  cloud: (language) => errCodeTable(language, (errCode) => errCode < -1 && errCode >= -600000),
};

const example = refuseFaults([
  { path: 'text.content', message: 'is 2100 bytes of UTF-8; WeChat takes at most 2048', errCode: 45002 },
]);

/** A page of errors with its tables as they are now. Throws where the page has no place for one. */
export function renderErrors(language: Language, page: string): string {
  return Object.entries(written).reduce((text, [name, render]) => {
    const [place, rest = ''] = text.split(`<!-- ${name} -->`);
    const end = rest.indexOf('<!-- / -->');
    if (end === -1) throw new Error(`the page of errors has no <!-- ${name} -->`);
    return `${place}<!-- ${name} -->\n\n${render(language)}\n\n${rest.slice(end)}`;
  }, page);
}

/** A table of errcodes, sorted by number. */
function errCodeTable(language: Language, has: (errCode: number) => boolean): string {
  const sorted = Object.keys(errors)
    .map(Number)
    .filter(has)
    .sort((one, other) => Math.abs(one) - Math.abs(other));
  return table(
    texts[language].errCodes,
    sorted.map((errCode) => errCodeCells(errCode, language)),
  );
}

function wordCells(code: ErrorCodeName, language: Language): string[] {
  const { retryable, advice } = errorCodes[code];
  return [`\`${code}\``, yesOrNo(retryable, language), language === 'en' ? advice : errorAdviceZh[code]];
}

function errCodeCells(errCode: number, language: Language): string[] {
  const text = texts[language];
  const { code, advice = '', ambiguous } = errorRow(errCode);
  const { retryable } = errorCodes[code];
  const meaning = errorMeaning(errCode);
  const adviceZh: { readonly [errCode: number]: string } = errCodeAdviceZh;
  return [
    `${errCode}`,
    ambiguous ? `\`${code}\`${text.ambiguous}\`unknown-delivery\`` : `\`${code}\``,
    ambiguous ? `${yesOrNo(retryable, language)}${text.ambiguous}${text.no}` : yesOrNo(retryable, language),
    meaning[language],
    language === 'en' ? advice : (adviceZh[errCode] ?? ''),
    meaning.source,
  ];
}

function yesOrNo(value: boolean, language: Language): string {
  return value ? texts[language].yes : texts[language].no;
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  return [columns, columns.map(() => '---'), ...rows].map(tableRow).join('\n');
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
