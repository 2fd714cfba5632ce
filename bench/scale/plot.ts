import type { Simulated } from './simulate';

/** What is drawn, a panel each. */
const panels = [
  { title: 'messages a second', of: (result: Simulated) => result.messagesASecond, digits: 0 },
  { title: 'database calls a message', of: (result: Simulated) => result.databaseCalls, digits: 2 },
  { title: 'GB-seconds a thousand messages', of: (result: Simulated) => result.gbSeconds, digits: 2 },
] as const;

const [width, height, left, top, bottom] = [300, 200, 16, 44, 40];

/** The results as an SVG: a panel a figure, a bar for each number of runs. */
export function plot(results: readonly Simulated[]): string {
  const drawn = panels.map((panel, index) => drawPanel(panel, results, index * width));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${panels.length * width} ${height}" font-family="sans-serif" font-size="11">`,
    `<title>Draining the outbox by 1 to 32 runs</title>`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    ...drawn.flat(),
    '</svg>',
    '',
  ].join('\n');
}

function drawPanel({ title, of, digits }: (typeof panels)[number], results: readonly Simulated[], x: number) {
  const most = Math.max(...results.map(of));
  const step = (width - 2 * left) / results.length;
  const floor = height - bottom;
  return [
    `<text x="${x + left}" y="20" font-size="13" fill="#1f2328">${title}</text>`,
    `<line x1="${x + left}" y1="${floor}" x2="${x + width - left}" y2="${floor}" stroke="#8c959f"/>`,
    ...results.flatMap((result, index) => {
      const value = of(result);
      const tall = ((floor - top) * value) / most;
      const middle = x + left + step * (index + 0.5);
      const at = (y: number, text: string) =>
        `<text x="${middle.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="middle" fill="#1f2328">${text}</text>`;
      return [
        `<rect x="${(middle - step * 0.3).toFixed(1)}" y="${(floor - tall).toFixed(1)}" width="${(step * 0.6).toFixed(1)}" height="${tall.toFixed(1)}" fill="#07c160"/>`,
        at(floor - tall - 4, value.toFixed(digits)),
        at(floor + 14, String(2 ** index)),
      ];
    }),
    `<text x="${x + width / 2}" y="${height - 8}" text-anchor="middle" fill="#656d76">runs at most</text>`,
  ];
}
