import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { refuseFaults } from '../shared/core/answer';
import { errorMeaning } from '../shared/wechat/errors/error-meanings';
import { type ErrorCodeName, errorCodes, errorRow, errors } from '../shared/wechat/errors/errors';
import { errCodeAdviceZh, errorAdviceZh } from '../shared/wechat/errors/errors-zh';

import { functionsSource } from './build-functions';
import { everyMessage, everyMessageFile } from './every-message';
import { cloudbasercOf, configOf, functionRows } from './function-rows';

type Language = 'en' | 'zh';

/** What is written from tables and from the functions' definitions, by its place in the project. */
async function writtenFiles(): Promise<ReadonlyMap<string, string>> {
  const rows = await functionRows();
  return new Map([
    ['docs/errors.md', renderErrors('en')],
    ['docs/errors.zh-CN.md', renderErrors('zh')],
    [everyMessageFile, json(everyMessage())],
    ['cloudbaserc.json', json(cloudbasercOf(rows))],
    ...rows.map((row) => [`${functionsSource}/${row.name}/config.json`, json(configOf(row))] as const),
  ]);
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/**
 * Writes the files that come from tables and definitions; the functions must have been built. With `--check` it writes
 * nothing, names every file that is out of date, and answers 1 if there is one.
 */
export async function main(args: string[]): Promise<number> {
  const root = process.cwd();
  const files = await writtenFiles();
  if (!args.includes('--check')) {
    for (const [file, text] of files) {
      await mkdir(path.dirname(path.join(root, file)), { recursive: true });
      await writeFile(path.join(root, file), text);
    }
    return 0;
  }
  let outdated = 0;
  for (const [file, text] of files) {
    const place = path.join(root, file);
    if (existsSync(place) && (await readFile(place, 'utf8')) === text) continue;
    console.log(`${file} is out of date: node scripts/run.mjs docs`);
    outdated += 1;
  }
  return outdated === 0 ? 0 : 1;
}

const example = refuseFaults([
  { path: 'text.content', message: 'is 2100 bytes of UTF-8; WeChat takes at most 2048', errCode: 45002 },
]);
const exampleBlock = `\`\`\`json\n${JSON.stringify(example, null, 2)}\n\`\`\``;

interface Texts {
  readonly title: string;
  readonly intro: readonly string[];
  readonly words: { readonly title: string; readonly intro: string; readonly columns: readonly string[] };
  readonly errCodes: {
    readonly title: string;
    readonly intro: readonly string[];
    readonly columns: readonly string[];
  };
  readonly groups: Readonly<Record<keyof typeof groups, string>>;
  readonly sources: { readonly title: string; readonly list: readonly string[] };
  readonly yes: string;
  readonly no: string;
  /** Between what an ambiguous failure is, and what it is where a repeat could do harm. */
  readonly ambiguous: string;
}

/** How the errcodes are divided, as in the error table; each group is sorted by number. */
const groups = {
  wechat: (errCode: number) => errCode >= -1,
  gateway: (errCode: number) => errCode < -600000,
  cloud: (errCode: number) => errCode < -1 && errCode >= -600000,
};

const texts: Readonly<Record<Language, Texts>> = {
  en: {
    title: 'Errors',
    intro: [
      '[中文](errors.zh-CN.md) · Written from `shared/wechat/errors/errors.ts` and `shared/wechat/errors/error-meanings.ts` by',
      '`node scripts/run.mjs docs`; do not edit by hand.',
      '',
      'A function never throws at its caller. It answers `{ "errCode": 0, "errMsg": "ok" }` with what else it has to',
      'say, or a refusal:',
      '',
      exampleBlock,
      '',
      '- `errCode` is WeChat’s number, also where the fault was found before WeChat could. It is never 0 here.',
      '- `errMsg` says what happened. Where WeChat refused, it holds WeChat’s own words, without addresses and',
      '  secrets. The `rid: …` at its end can be looked up at `/cgi-bin/openapi/rid/get` for seven days.',
      '- `code` is one word of the closed set below, for a `switch`.',
      '- `retryable` tells whether the same call can be made again after a wait, with nothing else changed. Where it is',
      '  false, something has to change first: the message, the settings, or what the user has done.',
      '- `advice` tells the developer what to do.',
      '- `details` lists what is wrong with which field, as `{ path, message }`, with the path as the caller spelled',
      '  it. It is there only where fields are at fault.',
      '',
      "With `lang: 'zh'` beside any event `errMsg`, `advice`, `details` and `hints` are in Chinese; what WeChat itself",
      'said follows the meaning of its number. The platform tells no function its caller’s language, so without it they',
      'are in English. A push and a server’s request are answered as WeChat has it.',
      '',
      'Beside success a send may answer `hints`, `{ path, message }` as in `details`: what is legal and surely not meant,',
      'such as a url-encoded text, an empty `url` of a template, or a card’s picture in other proportions than 520×416 where',
      'the function read the file for it. The message went out as it stands.',
      '',
      '**`unknown-delivery`** means that the request had left and no answer came, so the message may have arrived.',
      'A customer message carries no key by which WeChat would know a repeat, and there is no way to ask afterwards.',
      'So kefu-cloud never sends such a message again by itself, and `retryable` is false: only the caller knows',
      'whether a message that arrives twice does harm.',
      '',
      'Some failures of the cloud’s gateway are ambiguous: a timeout, a cut connection, a system error. For a call that',
      'can be repeated without harm (typing, media) they are `wechat-busy`; for a send they are `unknown-delivery`.',
    ],
    words: {
      title: 'The words of `code`',
      intro: 'An errcode may have advice of its own, which then stands in place of its word’s.',
      columns: ['code', 'retryable', 'advice'],
    },
    errCodes: {
      title: 'The errcodes',
      intro: [
        'A number that is not listed is answered as `wechat-refused`, with WeChat’s own words in `errMsg`.',
        '',
        'WeChat’s template page (S2) has two numbers wrong. It calls 41006 a timeout of the access_token, which is',
        '42001, and 42001 a need for GET, which is 43001. 41006 is a missing media_id.',
      ],
      columns: ['errcode', 'code', 'retryable', 'meaning', 'advice of its own', 'source'],
    },
    groups: {
      wechat: 'Customer message, typing, media, templates; HTTPS in general',
      gateway: 'The cloud-call layer: WeChat’s gateway (-60xxxx)',
      cloud: 'The cloud-call layer: Tencent Cloud (-50xxxx)',
    },
    sources: {
      title: 'Sources',
      list: [
        'S1: the page of customerServiceMessage.send in the mini-program documentation',
        'S2: the return-code table of the official account’s template page',
        'D26: the pages of customer service and of subscribe messages, 2026',
        'T22: the page of setTyping, 2022',
        'WX: WxJava, `WxMaErrorMsgEnum` and `WxMpErrorMsgEnum`',
        'WPY: wechatpy, `constants.py`',
        'SDK: wx-server-sdk 4.0.2, its table of error codes',
        'COM: posts in WeChat’s developer community',
        'CB: CloudBase’s own package for official accounts, offiaccount-common',
        'TP: the third-party platform’s pages of uploadFuncConfig and getFuncConfig',
        'PUB: other public code that names the number',
      ],
    },
    yes: 'yes',
    no: 'no',
    ambiguous: '; for a send ',
  },
  zh: {
    title: '错误码',
    intro: [
      '[English](errors.md) · 本页由 `node scripts/run.mjs docs` 根据 `shared/wechat/errors/errors.ts` 和',
      '`shared/wechat/errors/error-meanings.ts` 生成，请勿手工修改。',
      '',
      '云函数从不向调用者抛出异常。成功时返回 `{ "errCode": 0, "errMsg": "ok" }` 以及其他字段，失败时返回：',
      '',
      exampleBlock,
      '',
      '- `errCode`：微信的返回码。在调用微信之前就发现的错误也使用微信的返回码。失败时不会是 0。',
      '- `errMsg`：错误说明。微信拒绝时是微信的原文，已去掉地址和密钥；',
      '  末尾的 `rid: …` 七天内可用 `/cgi-bin/openapi/rid/get` 查询。',
      '- `code`：下表中的一个词，词的集合是封闭的，可用于 `switch`。',
      '- `retryable`：其他都不变时，等待之后能否再次发出同样的调用。',
      '  为 false 时，必须先有所改变：消息、设置，或者用户的行为。',
      '- `advice`：给开发者的建议。',
      '- `details`：哪个字段有什么问题，格式为 `{ path, message }`，path 按调用者的写法给出。只在字段有误时出现。',
      '',
      "在任何 event 中加上 `lang: 'zh'`，`errMsg`、`advice`、`details` 和 `hints` 就是中文；",
      '微信的原文放在返回码含义之后。平台不会告诉云函数调用者的语言，不写时为英文。',
      '推送和服务器的请求按微信的格式应答。',
      '',
      '发送成功时可能另有 `hints`，格式与 `details` 相同：合法、但多半不是本意的内容，',
      '例如经过 URL 编码的文字、模板的空 `url`，以及比例不是 520×416 的卡片封面（仅在云函数为此读取了文件时）。',
      '消息已按原样发出。',
      '',
      '**`unknown-delivery`** 表示请求已经发出，但没有收到应答，消息可能已经送达。',
      '客服消息没有供微信识别重复请求的字段，事后也无法查询。因此 kefu-cloud 从不自动重发这样的消息，',
      '`retryable` 为 false：重复收到是否有害，只有调用者知道。',
      '',
      '云端网关的一些失败含义不明确：超时、连接中断、系统错误。',
      '对重复调用无害的接口（输入状态、素材），返回 `wechat-busy`；对发送接口，返回 `unknown-delivery`。',
    ],
    words: {
      title: '`code` 的取值',
      intro: '有的返回码有自己的建议，此时以返回码的建议为准。',
      columns: ['code', 'retryable', '建议'],
    },
    errCodes: {
      title: '返回码',
      intro: [
        '未列出的返回码一律为 `wechat-refused`，`errMsg` 是微信的原文。',
        '',
        '微信的模板消息页面（S2）有两处错误：把 41006 写作 access_token 超时，那是 42001；',
        '把 42001 写作需要 GET 请求，那是 43001。41006 是缺少 media_id。',
      ],
      columns: ['errcode', 'code', 'retryable', '含义', '返回码自己的建议', '来源'],
    },
    groups: {
      wechat: '客服消息、输入状态、素材、模板，以及 HTTPS 通用',
      gateway: '云调用层：微信网关（-60xxxx）',
      cloud: '云调用层：腾讯云（-50xxxx）',
    },
    sources: {
      title: '来源',
      list: [
        'S1：小程序文档 customerServiceMessage.send 页面',
        'S2：公众号模板消息页面的返回码表',
        'D26：客服与订阅消息的官方页面，2026 年',
        'T22：setTyping 页面，2022 年',
        'WX：WxJava 的 `WxMaErrorMsgEnum` 和 `WxMpErrorMsgEnum`',
        'WPY：wechatpy 的 `constants.py`',
        'SDK：wx-server-sdk 4.0.2 的错误码表',
        'COM：微信开放社区的帖子',
        'CB：CloudBase 的公众号扩展包 offiaccount-common',
        'TP：第三方平台文档 uploadFuncConfig 和 getFuncConfig 页面',
        'PUB：其他写有此返回码的公开代码',
      ],
    },
    yes: '是',
    no: '否',
    ambiguous: '；发送时为 ',
  },
};

/** The page of all errors: what an answer looks like, the words, the errcodes. */
export function renderErrors(language: Language): string {
  const text = texts[language];
  const errCodes = Object.keys(errors).map(Number);
  const sections = [
    `# ${text.title}`,
    text.intro.join('\n'),
    `## ${text.words.title}`,
    text.words.intro,
    table(
      text.words.columns,
      (Object.keys(errorCodes) as ErrorCodeName[]).map((code) => wordCells(code, language)),
    ),
    `## ${text.errCodes.title}`,
    text.errCodes.intro.join('\n'),
  ];
  for (const group of Object.keys(groups) as (keyof typeof groups)[]) {
    const sorted = errCodes.filter(groups[group]).sort((one, other) => Math.abs(one) - Math.abs(other));
    const rows = sorted.map((errCode) => errCodeCells(errCode, language));
    sections.push(`### ${text.groups[group]}`, table(text.errCodes.columns, rows));
  }
  sections.push(`## ${text.sources.title}`, text.sources.list.map((source) => `- ${source}`).join('\n'));
  return `${sections.join('\n\n')}\n`;
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
