const circle = (x: number, y: number, r: number) =>
  `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;
const box = (x: number, y: number, width: number, height: number, r: number) =>
  `M${x + r} ${y}h${width - 2 * r}a${r} ${r} 0 0 1 ${r} ${r}v${height - 2 * r}a${r} ${r} 0 0 1 ${-r} ${r}h${2 * r - width}a${r} ${r} 0 0 1 ${-r} ${-r}v${2 * r - height}a${r} ${r} 0 0 1 ${r} ${-r}z`;

/** What is drawn as lines, in a square of 24. */
const lines = {
  back: 'M15 5l-7 7 7 7',
  reload: 'M20 5v5h-5M4 19v-5h5M19 10a8 8 0 0 0-14-3M5 14a8 8 0 0 0 14 3',
  plus: `${circle(12, 12, 9.5)}M12 7.5v9M7.5 12h9`,
  wave: 'M7 10.5a3 3 0 0 1 0 3M10.5 8a7 7 0 0 1 0 8M14 5.5a11 11 0 0 1 0 13',
  picture: `${box(3.5, 5, 17, 14, 2)}${circle(9, 10, 1.6)}M4 17l5-4.5 4 3.5 3-2.5 4.5 4`,
  miniprogram: 'M12 16.5a3 3 0 1 1-3-3M12 16.5v-9a3 3 0 1 1 3 3',
  ticket: 'M4 7h16v3.5a1.5 1.5 0 0 0 0 3V17H4v-3.5a1.5 1.5 0 0 0 0-3zM14 7v1.5m0 2.5v1.5m0 2.5v1.5',
  service: `M5 13.5v-2a7 7 0 0 1 14 0v2${box(3.5, 12.5, 3.6, 5.5, 1.6)}${box(16.9, 12.5, 3.6, 5.5, 1.6)}M18.5 18c0 2-2 3-4.5 3`,
  place: `M12 21s-6.5-6-6.5-11a6.5 6.5 0 0 1 13 0c0 5-6.5 11-6.5 11z${circle(12, 10, 2.4)}`,
  close: 'M6 6l12 12M18 6L6 18',
  chevron: 'M9 6l6 6-6 6',
};

/** What is filled. */
const shapes = {
  dots: circle(5, 12, 1.8) + circle(12, 12, 1.8) + circle(19, 12, 1.8),
  play: 'M8 5.5v13l11-6.5z',
  user: `${circle(12, 9, 4.2)}M3.5 21c.8-4.6 4.2-6.8 8.5-6.8s7.7 2.2 8.5 6.8z`,
  chat: 'M4 5h16a1.5 1.5 0 0 1 1.5 1.5v9A1.5 1.5 0 0 1 20 17h-8l-4.5 3.5V17H4a1.5 1.5 0 0 1-1.5-1.5v-9A1.5 1.5 0 0 1 4 5z',
};

type Name = keyof typeof lines | keyof typeof shapes;

/** The page's drawings, inline, so that nothing is loaded. All are decoration: what they mean stands in words. */
export const icons = Object.fromEntries(
  Object.entries({ ...lines, ...shapes }).map(([name, d]) => {
    const drawn = Object.hasOwn(shapes, name)
      ? { fill: 'currentColor' }
      : { fill: 'none', stroke: 'currentColor' };
    return [
      name,
      () => (
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false" {...drawn}>
          <path d={d} stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" />
        </svg>
      ),
    ];
  }),
) as unknown as { readonly [N in Name]: () => preact.JSX.Element };
