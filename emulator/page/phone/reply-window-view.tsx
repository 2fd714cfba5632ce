import type { Conversation } from '../../entries';
import { useText } from '../language';
import { strings } from '../strings';
import { countdown } from '../time';

/** The most that any act of a user grants, but for a payment, which is not counted. */
const mostMessages = 5;

/** How many messages the service may still send to this user, and until when. */
export function ReplyWindowView(props: { conversation: Conversation | undefined; now: number }) {
  const { conversation, now } = props;
  const t = useText();
  if (conversation === undefined) return <div class="reply-window" data-testid="window" />;
  const { remaining, closesAt } = conversation.window;
  // The time may run out between two answers of the local WeChat.
  const open = now < closesAt;
  const left = open ? remaining : 0;
  const state = !open ? 'shut' : left === 0 ? 'used-up' : 'open';
  const text = {
    shut: closesAt === 0 ? strings.windowNever : strings.windowClosed,
    'used-up': strings.windowUsedUp,
    open: strings.windowOpen,
  }[state];
  return (
    <section
      class={`reply-window ${state}`}
      data-testid="window"
      data-remaining={left}
      data-open={open}
      aria-label={t(strings.windowLabel)}
    >
      <span class="pips" aria-hidden="true">
        {Array.from({ length: mostMessages }, (_, index) => (
          <i class={index < left ? 'pip full' : 'pip'} key={index} />
        ))}
      </span>
      <strong>{t(text, { count: left > mostMessages ? '∞' : left })}</strong>
      <span class="closes">
        {state === 'open'
          ? t(strings.windowCloses, { time: countdown(closesAt - now) })
          : t(strings.windowReopens)}
      </span>
    </section>
  );
}
