import { type Outcome, outcomeOf } from '../../outcome';
import type { Story } from '../../story';
import { asFields, type Fields } from '../fields';
import type { CallCard, CallEntry, PushEntry, StartEntry } from '../local-wechat/log-cards';
import { factsOf } from './card-facts';

/** A call that stands in the log, as code that makes it again. */

type Call = StartEntry | CallEntry;

/** As a mini program calls it. */
export function toCallFunction({ name, data }: Call): string {
  return `const { result } = await wx.cloud.callFunction(${toSource({ name, data })});\n`;
}

/** As one of the typed client's methods; `undefined` for a call that it has none for. */
export function toClientCode({ name, data }: Call): string | undefined {
  const call = methodCall(name, asFields(data));
  if (call === undefined) return undefined;
  const [method, ...given] = call;
  const last = given.findLastIndex((each) => each !== undefined && Object.keys(Object(each)).length > 0);
  const args = given.slice(0, last + 1).map(toSource);
  return `import { createCustomerService } from './kefu-client';

const service = createCustomerService();
const answer = await service.${method}(${args.join(', ')});
`;
}

/** What accompanies a message, apart from it. */
const optionNames = [
  'account',
  'requestId',
  'split',
  'window',
  'fallback',
  'queue',
  'deadline',
  'priority',
  'cut',
];

function methodCall(name: string, event: Fields): readonly [string, ...unknown[]] | undefined {
  const { lang: _, ...data } = event;
  const [message, options] = parted(data, optionNames);
  switch (name) {
    case 'kefu-send': {
      const { messages, ...rest } = data;
      if (Array.isArray(messages)) return ['sendAll', messages, rest];
      const { window, ...who } = data;
      return message['msgtype'] === undefined && window === true
        ? ['window', who]
        : ['send', message, options];
    }
    case 'kefu-typing':
      return ['typing', data];
    case 'kefu-upload-media':
      return ['uploadMedia', data['fileID'], parted(data, ['fileID'])[0]];
    case 'kefu-get-media':
      return ['getMedia', data['mediaId'], parted(data, ['mediaId'])[0]];
    case 'kefu-template-send':
      return ['sendTemplate', message, options];
    case 'kefu-subscribe-send':
      return ['sendSubscribe', message, options];
    case 'kefu-notify':
      if (data['on'] !== undefined && data['touser'] === undefined)
        return ['setNotice', data['type'], data['on']];
      return Object.keys(data).length === 0 ? ['notices'] : undefined;
    default:
      return undefined;
  }
}

/** The fields apart from those that are named, and those. */
function parted(fields: Fields, names: readonly string[]): readonly [Fields, Fields] {
  const entries = Object.entries(fields);
  return [
    Object.fromEntries(entries.filter(([name]) => !names.includes(name))),
    Object.fromEntries(entries.filter(([name]) => names.includes(name))),
  ];
}

/** As a call of this local WeChat's REST interface, in one line that sh and cmd.exe read alike. */
export function toCurl({ name, data, source, openid }: Call, origin: string): string {
  return curl(`${origin}/_emulator/call`, {
    name,
    data,
    ...(source === 'wx_client' ? {} : { source }),
    ...(openid === undefined ? {} : { openid }),
  });
}

/** A push, as a call of this local WeChat's REST interface. */
export function toPushCurl({ account, openid, push }: PushEntry, origin: string): string {
  const query = account === 'official' ? '?account=official' : '';
  return curl(`${origin}/_emulator/users/${encodeURIComponent(openid)}/push${query}`, withoutName(push));
}

function curl(url: string, body: unknown): string {
  return `curl -X POST ${url} -d "${toShell(JSON.stringify(body))}"\n`;
}

/**
 * JSON inside double quotes of a shell. What sh or cmd.exe would take for something of its own, and what cmd.exe would
 * write in the machine's own code page, is written by its number, as JSON may write any character; what is left to be
 * escaped is the quotes.
 */
function toShell(json: string): string {
  return json
    .replaceAll('\\"', '\\u0022')
    .replaceAll('\\\\', '\\u005c')
    .replace(
      /[$`!%&|<>^']|[^ -~]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )
    .replaceAll('"', '\\"');
}

/** A push without the name that WeChat gives it, so that it is not taken for a repeat. */
export function withoutName(push: Fields): Fields {
  const { MsgId: _, CreateTime: __, ...rest } = push;
  return rest;
}

/**
 * As a test that passes as it stands: the story up to the card, and what came of its last step. It goes into a folder two
 * levels down, `test/stories` say.
 */
export function toTest(card: CallCard, story: Story, others: string | undefined): string {
  const { words, functions, outcome, tone } = factsOf(card);
  const title = `${functions[0] ?? 'push'}: ${words} → ${tone === 'good' ? 'ok' : outcome}`.replaceAll(
    '\n',
    ' ',
  );
  const options = others === undefined ? {} : { others: { folders: [others] } };
  const entries = [
    ...card.calls.flatMap(({ call }) => call ?? []),
    ...card.calls.flatMap(({ wires }) => wires),
  ].sort((one, other) => one.seq - other.seq);
  const expected: Outcome = outcomeOf(entries);
  return `import { expect, test } from '@jest/globals';
import { createEmulator } from '../../emulator/emulator';
import { outcomeOf } from '../../emulator/outcome';

const story = ${toSource(story)};

test(${toSource(title)}, async () => {
  const emulator = await createEmulator(${toSource({ variables: {}, ...options })});
  try {
    const played = await emulator.stories.play(story);
    expect(outcomeOf(played.at(-1)?.entries ?? [])).toEqual(${indent(toSource(expected), 4)});
  } finally {
    await emulator.close();
  }
});
`;
}

function indent(text: string, spaces: number): string {
  return text.replaceAll('\n', `\n${' '.repeat(spaces)}`);
}

/** A value as JavaScript writes it: names without quotes, where they are such. */
function toSource(value: unknown): string {
  const json = JSON.stringify(value, null, 2) ?? 'undefined';
  return json
    .replace(/^( *)"([A-Za-z_$][\w$]*)":/gm, '$1$2:')
    .replace(/[\u2028\u2029]/g, (line) => (line === '\u2028' ? '\\u2028' : '\\u2029'));
}
