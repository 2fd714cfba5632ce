import { useContext, useEffect, useRef } from 'preact/hooks';
import type { Conversation, ConversationMessage } from '../../entries';
import { asFields } from '../fields';
import { icons } from '../icons';
import { JsonView } from '../json-view';
import { LanguageContext, type Translate, useText } from '../language';
import type { ActEntry } from '../local-wechat/log-cards';
import { actTexts, strings, type Text } from '../strings';
import { separatorGapMs, separatorTime } from '../time';
import { type Bubble, bubbles, noticeBubbles, userBubbles } from './bubbles';
import type { OnSay } from './cards';

interface ConversationViewProps {
  readonly conversation: Conversation | undefined;
  /** What this user did without words. */
  readonly acts: readonly ActEntry[];
  readonly now: number;
  readonly onSay: OnSay;
}

/** What WeChat notes where a function hands the conversation to a person. */
const handOver = 'transfer_customer_service';

/** How many messages the phone shows; a longer conversation says that there are more. */
const shownMessages = 100;

interface Item {
  readonly key: string;
  readonly at: number;
  /** A message, or the name of what the user did. */
  readonly content: ConversationMessage | string;
}

/** The messages as the user sees them, the newest at the bottom and in sight. */
export function ConversationView({ conversation, acts, now, onSay }: ConversationViewProps) {
  const t = useText();
  const language = useContext(LanguageContext);
  const messages = conversation?.messages ?? [];
  const shown = messages.slice(-shownMessages);
  const items = inOrder(shown, acts);
  const newest = items.at(-1)?.key;
  const view = useRef<HTMLDivElement>(null);
  // The conversation itself is scrolled, never the page around it.
  const showNewest = () => {
    if (view.current !== null) view.current.scrollTop = view.current.scrollHeight;
  };
  useEffect(showNewest, [newest]);

  return (
    // A picture that arrives late makes the conversation longer.
    <div
      class="messages"
      role="log"
      aria-label={t(strings.conversation)}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard
      tabIndex={0}
      ref={view}
      onLoadCapture={showNewest}
    >
      <ol>
        {messages.length > shown.length && (
          <li class="separator">{t(strings.earlier, { count: messages.length - shown.length })}</li>
        )}
        {conversation !== undefined && items.length === 0 && (
          <li class="separator">{t(strings.emptyConversation)}</li>
        )}
        {items.map(({ key, at, content }, index) => {
          const before = items[index - 1];
          const separated = before === undefined || at - before.at > separatorGapMs;
          return (
            <li key={key}>
              {separated && <p class="separator">{separatorTime(at, now, language)}</p>}
              {typeof content === 'string' ? (
                <ActView act={content} />
              ) : (
                <MessageView message={content} onSay={onSay} />
              )}
            </li>
          );
        })}
      </ol>
    </div>
  );
}

function inOrder(messages: readonly ConversationMessage[], acts: readonly ActEntry[]): readonly Item[] {
  const first = messages[0]?.at ?? Number.NEGATIVE_INFINITY;
  const items: Item[] = [
    ...messages.map((message) => ({ key: message.id, at: message.at, content: message })),
    ...acts
      .filter(({ at, act }) => at >= first && isInSight(act))
      .map(({ seq, at, act }) => ({ key: `act ${seq}`, at, content: act })),
  ];
  return items.sort((one, other) => one.at - other.at);
}

/** What happens outside the conversation stands in the log alone. */
function isInSight(act: string): boolean {
  return Object.hasOwn(actTexts, act) || act.startsWith(handOver);
}

function ActView({ act }: { act: string }) {
  const t = useText();
  return (
    <p class="separator" data-testid="act">
      {actText(act, t)}
    </p>
  );
}

/** The words for what a user did; one that the page does not know is named as WeChat names it. */
export function actText(act: string, t: Translate): string {
  const [, name = '', rest = ''] = /^(\S+)\s?(.*)$/.exec(act) ?? [];
  if (name === 'subscribe') return t(strings.subscribed, { template: rest });
  if (name === handOver) return t(strings.handedOver, { account: rest }).trim();
  const texts: { readonly [act: string]: Text | undefined } = actTexts;
  const text = texts[act];
  return t(strings.userActed, { act: text === undefined ? act : t(text) });
}

function bubbleFor(from: ConversationMessage['from'], msgtype: string): Bubble | undefined {
  const table: { readonly [msgtype: string]: Bubble } =
    from === 'user' ? userBubbles : { ...bubbles, ...noticeBubbles };
  return Object.hasOwn(table, msgtype) ? table[msgtype] : undefined;
}

function MessageView({
  message: { from, msgtype, media, message },
  onSay,
}: {
  message: ConversationMessage;
  onSay: OnSay;
}) {
  const t = useText();
  const Known = bubbleFor(from, msgtype);
  const isWhole = from === 'user' || Object.hasOwn(noticeBubbles, msgtype);
  const { kf_account: kfAccount } = asFields(message['customservice']);
  const { is_ai_msg: isAi } = asFields(message['aimsgcontext']);
  return (
    <div class={`message from-${from}`} data-testid="bubble" data-msgtype={msgtype} data-from={from}>
      <span class="avatar">{from === 'user' ? <icons.user /> : <icons.service />}</span>
      <div class="message-column">
        {typeof kfAccount === 'string' && <span class="kf-account">{kfAccount}</span>}
        {Known === undefined ? (
          <div class="bubble unknown">
            {t(strings.unknownType, { type: msgtype })}
            <JsonView value={message} />
          </div>
        ) : (
          <Known body={isWhole ? message : asFields(message[msgtype])} media={media} onSay={onSay} />
        )}
        {Number(isAi) === 1 && <span class="ai-line">{t(strings.aiLine)}</span>}
      </div>
    </div>
  );
}
