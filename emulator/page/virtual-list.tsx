import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core';
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks';

interface VirtualListProps<Item> {
  readonly label: string;
  readonly items: readonly Item[];
  readonly keyOf: (item: Item) => string;
  /** How high an item probably is, in pixels; what is drawn is measured. */
  readonly estimate: (item: Item) => number;
  readonly children: (item: Item) => ComponentChildren;
}

const gap = 6;

/**
 * A list of which only what is in sight is drawn, so that thousands scroll smoothly. What comes in above leaves what is
 * being read where it is, unless the list stands at its top.
 */
export function VirtualList<Item>({ label, items, keyOf, estimate, children }: VirtualListProps<Item>) {
  const scroller = useRef<HTMLDivElement>(null);
  const [, redraw] = useReducer((count: number, _: undefined) => count + 1, 0);
  const options = {
    count: items.length,
    gap,
    overscan: 6,
    getScrollElement: () => scroller.current,
    getItemKey: (index: number) => keyOf(items[index] as Item),
    estimateSize: (index: number) => estimate(items[index] as Item),
    anchorTo: (scroller.current?.scrollTop ?? 0) > gap ? ('end' as const) : ('start' as const),
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    onChange: () => redraw(undefined),
  };
  const [virtualizer] = useState(() => new Virtualizer<HTMLDivElement, HTMLLIElement>(options));
  virtualizer.setOptions(options);
  useEffect(() => virtualizer._didMount(), [virtualizer]);
  useLayoutEffect(() => virtualizer._willUpdate());
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard
    <div class="virtual-list" ref={scroller} tabIndex={0}>
      <ol aria-label={label} style={{ height: `${virtualizer.getTotalSize()}px` }}>
        {virtualizer.getVirtualItems().map(({ key, index, start }) => (
          <li
            key={key}
            data-index={index}
            ref={virtualizer.measureElement}
            aria-setsize={items.length}
            aria-posinset={index + 1}
            style={{ transform: `translateY(${start}px)` }}
          >
            {children(items[index] as Item)}
          </li>
        ))}
      </ol>
    </div>
  );
}
