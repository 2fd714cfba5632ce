import { useContext, useMemo, useState } from 'preact/hooks';
import { useKept } from '../kept';
import { LanguageContext, type Translate, useText } from '../language';
import type { Actions } from '../local-wechat/actions';
import type { Card, Note } from '../local-wechat/log-cards';
import type { LocalWeChat } from '../local-wechat/state';
import { actText } from '../phone/conversation';
import { accountNames, type Language, strings } from '../strings';
import { dayOf, timeOfDay } from '../time';
import { VirtualList } from '../virtual-list';
import { CallCard } from './call-card';
import { factsOf } from './card-facts';
import { FilterBar } from './filter-bar';
import { applyFilters, type Filters, isEmpty, isFilters } from './filters';
import { WireCard } from './wire';

/** The height of a card that nobody has measured yet, by its lines, in pixels. */
const heights = { note: 22, card: 53, reply: 72 };

/** All that happened, newest first: one card a call or push, with what reached WeChat. */
export function Log({ state, actions }: { state: LocalWeChat; actions: Actions }) {
  const t = useText();
  const { log, info } = state;
  const [filters, setFilters] = useKept<Filters>('filters', {}, isFilters);
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const cards = useMemo(() => [...log.cards.values()].reverse(), [log]);
  const shown = useMemo(() => applyFilters(cards, filters), [cards, filters]);
  const hasCards = cards.some(({ kind }) => kind !== 'note');

  const toggle = (key: string) => (open: boolean) => {
    const next = new Set(opened);
    if (open) next.add(key);
    else next.delete(key);
    setOpened(next);
  };
  const view = (card: Card) => {
    const openable = { open: opened.has(card.key), onToggle: toggle(card.key) };
    switch (card.kind) {
      case 'call':
        return <CallCard card={card} info={info} actions={actions} {...openable} />;
      case 'wire':
        return <WireCard card={card} {...openable} />;
      case 'note':
        return <NoteView note={card.note} />;
    }
  };

  return (
    <section class="log" aria-label={t(strings.log)} data-testid="log">
      {hasCards && <FilterBar cards={cards} shown={shown.length} filters={filters} onChange={setFilters} />}
      {!hasCards && <p class="hint">{t(strings.emptyLog)}</p>}
      {hasCards && shown.length === 0 && (
        <p class="hint">
          {t(strings.nothingFound)}
          {!isEmpty(filters) && (
            <button type="button" class="quiet" onClick={() => setFilters({})}>
              {t(strings.clearFilters)}
            </button>
          )}
        </p>
      )}
      <VirtualList label={t(strings.log)} items={shown} keyOf={({ key }) => key} estimate={heightOf}>
        {view}
      </VirtualList>
    </section>
  );
}

function heightOf(card: Card): number {
  if (card.kind === 'note') return heights.note;
  return factsOf(card).reply === undefined ? heights.card : heights.reply;
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
      const { Content, Label } = note.message.message;
      return t(strings.userSaid, {
        text:
          typeof Content === 'string' ? Content : `[${note.message.msgtype}] ${String(Label ?? '')}`.trim(),
      });
    }
  }
}
