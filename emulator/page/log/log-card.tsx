import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { icons } from '../icons';
import { timeOfDay } from '../time';

interface LogCardProps {
  readonly tone: 'good' | 'bad' | 'running';
  readonly at: number;
  readonly title: string;
  readonly subtitle: ComponentChildren;
  readonly answer: string;
  /** Drawn only while the card is open. */
  readonly children: () => ComponentChildren;
}

/** A card of the log: a line or two, and more at a click. */
export function LogCard({ tone, at, title, subtitle, answer, children }: LogCardProps) {
  const [open, setOpen] = useState(false);
  return (
    <details
      class={`log-card ${tone}`}
      data-testid="log-card"
      open={open}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>
        <icons.chevron />
        <strong>{title}</strong>
        <b class="answer-word">{answer}</b>
        <span class="facts">{subtitle}</span>
        <time>{timeOfDay(at)}</time>
      </summary>
      {open && <div class="log-body">{children()}</div>}
    </details>
  );
}
