import { useMemo } from 'preact/hooks';
import { useText } from '../language';
import type { Card } from '../local-wechat/log-cards';
import { type Option, Select } from '../select';
import { outcomeTexts, strings, type Text } from '../strings';
import { factsOf } from './card-facts';
import { type Filters, isEmpty } from './filters';

interface FilterBarProps {
  readonly cards: readonly Card[];
  /** How many of them pass. */
  readonly shown: number;
  readonly filters: Filters;
  readonly onChange: (filters: Filters) => void;
}

/** Search, and what the log can be cut down to: what stands in it. */
export function FilterBar({ cards, shown, filters, onChange }: FilterBarProps) {
  const t = useText();
  const [functions, users] = useMemo(() => {
    const facts = cards.map(factsOf);
    return [
      [...new Set(facts.flatMap((each) => each.functions))].sort(),
      [...new Set(facts.flatMap((each) => each.users))].sort(),
    ];
  }, [cards]);
  const change = (name: keyof Filters, value: string) => {
    const { [name]: _, ...rest } = filters;
    onChange(value === '' ? rest : { ...rest, [name]: value });
  };
  const choice = (name: keyof Filters, label: Text, every: Text, options: readonly Option[]) => (
    <Select
      label={t(label)}
      value={filters[name] ?? ''}
      options={[{ value: '', text: t(every) }, ...options]}
      onChange={(value) => change(name, value)}
    />
  );
  const withChosen = (values: readonly string[], chosen: string | undefined) => [
    ...new Set(chosen === undefined ? values : [...values, chosen]),
  ];
  return (
    <search class="filter-bar">
      <input
        type="search"
        aria-label={t(strings.search)}
        placeholder={t(strings.search)}
        value={filters.search ?? ''}
        onInput={(event) => change('search', event.currentTarget.value)}
      />
      {choice(
        'function',
        strings.filterFunction,
        strings.everyFunction,
        withChosen(functions, filters.function),
      )}
      {choice('user', strings.filterUser, strings.everyUser, withChosen(users, filters.user))}
      {choice(
        'outcome',
        strings.filterOutcome,
        strings.everyOutcome,
        Object.entries(outcomeTexts).map(([value, text]) => ({ value, text: t(text) })),
      )}
      {!isEmpty(filters) && (
        <span class="hint" role="status">
          {t(strings.found, { count: shown, total: cards.length })}
        </span>
      )}
    </search>
  );
}
