import { useContext } from 'preact/hooks';
import { operatorsIn } from '../composer/callers';
import { LanguageContext, type Translate, useText } from '../language';
import type { Card, Note } from '../local-wechat/log-cards';
import { actText } from '../phone/conversation';
import { accountNames, type Language, strings } from '../strings';
import { dayOf, timeOfDay } from '../time';
import { CallCard } from './call-card';
import { PushCard } from './push-card';
import { WireCard } from './wire';

/** All that happened, newest first: one card a call, with what reached WeChat. */
export function Log({ cards, operators }: { cards: readonly Card[]; operators: string }) {
  const t = useText();
  const known = operatorsIn(operators);
  return (
    <section class="log" aria-label={t(strings.log)} data-testid="log">
      {cards.every(({ kind }) => kind === 'note') && <p class="hint">{t(strings.emptyLog)}</p>}
      <ol>
        {cards.map((card) => (
          <li key={card.key}>
            <CardView card={card} operators={known} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function CardView({ card, operators }: { card: Card; operators: readonly string[] }) {
  switch (card.kind) {
    case 'call':
      return <CallCard {...card} operators={operators} />;
    case 'wire':
      return <WireCard wire={card.wire} />;
    case 'push':
      return <PushCard push={card.push} />;
    case 'note':
      return <NoteView note={card.note} />;
  }
}

function NoteView({ note }: { note: Note }) {
  const t = useText();
  const language = useContext(LanguageContext);
  return (
    <p class="note">
      <span>{noteText(note, t, language)}</span>
      {note.kind !== 'clock' && <small>{t(accountNames[note.account])}</small>}
      <time>{timeOfDay(note.at)}</time>
    </p>
  );
}

function noteText(note: Note, t: Translate, language: Language): string {
  switch (note.kind) {
    case 'clock':
      return t(strings.clockMoved, { time: `${dayOf(note.now, language)} ${timeOfDay(note.now)}` });
    case 'act':
      return actText(note.act, t);
    case 'message': {
      const { Content } = note.message.message;
      return t(strings.userSaid, {
        text: typeof Content === 'string' ? Content : `[${note.message.msgtype}]`,
      });
    }
  }
}
