import type { Words } from '../words';
import type { Day } from './contract';

/** What the figures are drawn as. */
export interface Plot {
  readonly id: string;
  readonly title: string;
  readonly type: 'line' | 'column';
  /** A day each, such as `11-21`. */
  readonly categories: readonly string[];
  /** Where there are several, the columns of a day stand upon each other. */
  readonly series: readonly { readonly name: string; readonly data: readonly number[] }[];
  /** All of it in words, for a screen reader. */
  readonly label: string;
}

/** The plots of some days, the oldest first. */
export function plotsOf(days: readonly Day[], { page }: Words): readonly Plot[] {
  const categories = days.map(({ day }) => day.slice(5));
  const series = (name: string, value: (day: Day) => number) => ({ name, data: days.map(value) });
  const plot = (
    id: string,
    title: string,
    type: Plot['type'],
    all: readonly ReturnType<typeof series>[],
  ): Plot => {
    const sums = all.map(({ name, data }) => `${name} ${data.reduce((sum, each) => sum + each, 0)}`);
    return {
      id,
      title,
      type,
      categories,
      series: all,
      label: id === 'firstAnswer' ? title : `${title}: ${sums.join(', ')}`,
    };
  };
  return [
    plot('conversations', page.conversations, 'column', [
      series(page.conversations, (day) => day.conversations),
    ]),
    plot('firstAnswer', page.firstAnswerSeconds, 'line', [
      series(page.firstAnswerSeconds, ({ firstAnswerMs }) => Math.round(firstAnswerMs / 100) / 10),
    ]),
    plot('answered', page.answered, 'column', [
      series(page.byRule, (day) => day.answeredByRule),
      series(page.byCode, (day) => day.answeredByCode),
      series(page.byModel, (day) => day.answeredByModel),
      series(page.byPerson, (day) => day.answeredByPerson),
    ]),
    plot('satisfaction', page.satisfaction, 'column', [
      series(page.good, ({ satisfaction }) => satisfaction.good),
      series(page.fair, ({ satisfaction }) => satisfaction.fair),
      series(page.bad, ({ satisfaction }) => satisfaction.bad),
    ]),
    plot('refused', page.refused, 'column', [series(page.refused, (day) => day.refused)]),
  ];
}
