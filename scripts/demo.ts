import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { createEmulator } from '../emulator/emulator';
import type { Entry } from '../emulator/entries';
import type { Story } from '../emulator/story';
import type { Account } from '../shared/wechat/account';
import { buildEmulator } from './build-emulator';
import { buildFunctions } from './build-functions';
import { command } from './deploy/command-line';
import { everyMessageFile } from './every-message';
import { renderTable } from './table';

const usage = `Sends every message type through the built functions into a local WeChat and prints what arrived: plays
${everyMessageFile}.

  npm run demo -- [options]

  --no-build       use what is built already
  --json           print the rows as JSON instead of a table
  --help           this text

Exits 0 when every message arrived as it was meant, 1 otherwise.`;

interface Row {
  readonly account: Account;
  readonly msgtype: string;
  readonly answer: string;
  readonly arrived: string;
  readonly ok: boolean;
}

const options = { build: { type: 'boolean', default: true }, json: { type: 'boolean' } } as const;

export const main = command(usage, options, async (values, { print }) => {
  if (values.build) await Promise.all([buildFunctions(), buildEmulator()]);
  const emulator = await createEmulator({ pushes: false });
  try {
    const story = JSON.parse(await readFile(everyMessageFile, 'utf8')) as Story;
    // What a step answers is a row of the table here, not the story's end.
    const steps = story.steps.map(({ answer: _, ...step }) => step);
    const played = await emulator.stories.play({ ...story, steps });
    const rows = played.flatMap(({ answer, entries }, index) => {
      const step = steps[index];
      return step?.request === 'POST /call' ? [rowOf(step.body as Called, answer, entries)] : [];
    });
    const failed = rows.filter(({ ok }) => !ok).length;
    print(values.json ? JSON.stringify(rows, null, 2) : table(rows));
    if (!values.json)
      print(`\n${rows.length - failed} of ${rows.length} messages arrived as they were meant.`);
    return failed === 0 ? 0 : 1;
  } finally {
    await emulator.close();
  }
});

interface Called {
  readonly data: { readonly [field: string]: unknown };
}

/** What stands on the user's screen after a call, beside what was asked for. */
function rowOf({ data }: Called, answer: unknown, entries: readonly Entry[]): Row {
  const shown = entries.find((entry) => entry.kind === 'message');
  const msgtype = typeof data['msgtype'] === 'string' ? data['msgtype'] : undefined;
  const field = msgtype ?? 'data';
  const body = shown?.message.from === 'service' ? shown.message.message[field] : undefined;
  return {
    account: shown?.account ?? 'miniprogram',
    msgtype: msgtype ?? shown?.message.msgtype ?? '',
    answer: JSON.stringify(answer),
    arrived: body === undefined ? '—' : JSON.stringify(body),
    ok: isDeepStrictEqual(body, data[field]),
  };
}

function table(rows: readonly Row[]): string {
  const header = ['account', 'msgtype', '', 'what arrived on the phone (HTTPS spelling)'];
  const cells = rows.map(({ account, msgtype, ok, arrived, answer }) => [
    account,
    msgtype,
    ok ? 'ok' : 'FAILED',
    cut(ok ? arrived : answer, 90),
  ]);
  return renderTable(header, cells);
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}
