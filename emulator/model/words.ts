import { createHash } from 'node:crypto';
import { detectFormat } from '../../shared/wechat/media';

/** What the local model says: decided by the words that it is given, and by nothing else. */

export interface ModelMessage {
  readonly role: string;
  readonly content: string;
  /** What came beside the words, by its bytes. */
  readonly pictures?: readonly { readonly contentType: string; readonly sizeBytes: number }[];
}

/** A message as it comes: with pictures, its content is in parts. */
export interface SentMessage {
  readonly role: string;
  readonly content:
    | string
    | null
    | readonly { readonly text?: string; readonly image_url?: { readonly url: string } }[];
}

/** Reads a message: its text, and which pictures there are. */
export function readMessage({ role, content }: SentMessage): ModelMessage {
  if (content === null || typeof content === 'string') return { role, content: content ?? '' };
  const pictures = content.flatMap(({ image_url: image }) => {
    if (image === undefined) return [];
    const bytes = Buffer.from(image.url.replace(/^data:[^,]*,/, ''), 'base64');
    return [{ contentType: detectFormat(bytes) ?? 'unknown', sizeBytes: bytes.length }];
  });
  return { role, content: content.map(({ text = '' }) => text).join(''), pictures };
}

export interface ModelTool {
  readonly name: string;
  readonly parameters: {
    readonly properties?: {
      readonly [name: string]: { readonly type: string; readonly enum?: readonly unknown[] };
    };
  };
}

/** What it says, or the tool that it calls. */
export interface Planned {
  readonly text: string;
  readonly call?: { readonly name: string; readonly input: string } | undefined;
}

const openings = ['您好！', '好的。', '明白了。', '感谢您的咨询。'] as const;

export function answerTo(
  { messages, tools }: { readonly messages: readonly ModelMessage[]; readonly tools: readonly ModelTool[] },
  seed: number,
  behaviour: 'long' | 'tool' | undefined,
): Planned {
  const last = messages.at(-1);
  const { content: asked = '', pictures = [] } = messages.findLast(({ role }) => role === 'user') ?? {};
  const hash = createHash('sha256').update(`${seed} ${asked}`).digest();
  const opening = openings[(hash[0] ?? 0) % openings.length];
  if (behaviour === 'long') return { text: longText() };
  if (last?.role === 'tool') return { text: `${opening}查到的结果是：\n\n${last.content}` };
  if (/人工|真人/.test(asked) && tools.some(({ name }) => name === 'hand_over'))
    return { text: '', call: { name: 'hand_over', input: '{}' } };
  const tool = tools.find(({ name }) => name !== 'hand_over');
  const order = /\b[A-Z]{2}\d{6,}\b/i.exec(asked)?.[0];
  if (tool !== undefined && (order !== undefined || behaviour === 'tool'))
    return {
      text: '',
      call: { name: tool.name, input: JSON.stringify(inputOf(tool, order ?? 'KF20260001')) },
    };
  const words = asked.replaceAll('\n', ' ').trim();
  const seen = pictures.map(({ contentType, sizeBytes }) => `${contentType},${sizeBytes} 字节`).join(';');
  const sight = seen === '' ? '' : `\n\n看到了您发来的图片：${seen}。`;
  return {
    text: `${opening}您说的是“${words}”。${sight}\n\n这是**本地模型**的回答，换成真的模型请设置 MODEL_URL。可以试试：\n\n- 发送“人工”，转人工客服\n- 发送 #slow、#cut、#busy、#garbage、#long、#tool，看出错时如何回答`,
  };
}

function inputOf({ parameters }: ModelTool, word: string): object {
  const entries = Object.entries(parameters.properties ?? {}).map(([name, row]) => [
    name,
    row.enum?.[0] ?? (row.type === 'string' ? word : row.type === 'boolean' ? true : 1),
  ]);
  return Object.fromEntries(entries) as object;
}

/** Some 20 KB of Markdown, with all that Markdown has. */
function longText(): string {
  const chapters = Array.from({ length: 24 }, (_, index) => {
    const number = index + 1;
    return [
      `## 第 ${number} 章`,
      `这一章说的是**第 ${number} 件事**，[详细说明](https://example.com/help/${number}?from=chat&page=${number}#top)在这里。${'退换货须在签收后七天内申请，商品须保持完好。'.repeat(6)}`,
      `- 第一点：${'包装完好'.repeat(4)}\n- 第二点：[运费规则](https://example.com/fee/${number})\n- 第三点：发票随货寄出 📦👨‍👩‍👧`,
      '```js\nconst order = await find(id);\n```',
    ].join('\n\n');
  });
  return chapters.join('\n\n');
}
