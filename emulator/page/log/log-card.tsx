import type { ComponentChildren } from 'preact';
import { icons } from '../icons';
import { useText } from '../language';
import type { Text } from '../strings';
import { timeOfDay } from '../time';
import type { Tone } from './card-facts';

/** Whether a card is open; kept outside of it, for a card out of sight is not drawn. */
export interface Openable {
  readonly open: boolean;
  readonly onToggle: (open: boolean) => void;
}

interface LogCardProps extends Openable {
  readonly tone: Tone;
  readonly at: number;
  /** What kind of thing it is about. */
  readonly type?: Text | undefined;
  /** Its first words. */
  readonly title: string;
  readonly subtitle: ComponentChildren;
  /** What came of it, in a word or two. */
  readonly answer: ComponentChildren;
  /** The first words of what was answered. */
  readonly reply?: string | undefined;
  /** Drawn only while the card is open. */
  readonly children: () => ComponentChildren;
}

/** A card: two or three lines that tell it from the next, and more at a click. */
export function LogCard(props: LogCardProps) {
  const t = useText();
  const { tone, at, type, title, subtitle, answer, reply, open, onToggle, children } = props;
  return (
    <details
      class={`log-card ${tone}`}
      data-testid="log-card"
      open={open}
      onToggle={(event) => event.currentTarget.open !== open && onToggle(event.currentTarget.open)}
    >
      <summary>
        <icons.chevron />
        <span class="card-title">
          {type !== undefined && <span class="tag">{t(type)}</span>}
          <strong title={title}>{title}</strong>
          <b class="answer-word">{answer}</b>
        </span>
        {reply !== undefined && <span class="card-reply">↳ {reply}</span>}
        <span class="facts">
          {subtitle}
          <time>{timeOfDay(at)}</time>
        </span>
      </summary>
      {open && <div class="log-body">{children()}</div>}
    </details>
  );
}
