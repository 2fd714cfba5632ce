/** What a query asks of the elements that it finds. */
interface Fields {
  readonly id?: boolean;
  readonly dataset?: boolean;
  readonly rect?: boolean;
  readonly size?: boolean;
  readonly scrollOffset?: boolean;
  readonly node?: boolean;
  readonly context?: boolean;
  readonly properties?: readonly string[];
  readonly computedStyle?: readonly string[];
}

/** An element as the runtime has it. */
interface Found {
  readonly id: string;
  readonly dataset: object;
  readonly data?: { readonly [name: string]: unknown };
  readonly $$: HTMLElement;
}

/** A component, in which is looked. */
type Where = { readonly [field: string]: unknown };

type Callback = (result: unknown) => void;

/** `wx.createSelectorQuery()`: what stands where on the screen, and the canvas behind an element. */
export function createSelectorQuery(first?: Where) {
  let where = first;
  const asked: { readonly ask: () => unknown; readonly callback: Callback | undefined }[] = [];

  const nodes = (find: () => readonly (Found | undefined)[], single: boolean) => {
    const push = (fields: Fields) => (callback?: Callback) => {
      asked.push({
        callback,
        ask: () => {
          const results = find().map((found) => (found === undefined ? null : describe(found, fields)));
          return single ? (results[0] ?? null) : results;
        },
      });
      return query;
    };
    return {
      fields: (fields: Fields, callback?: Callback) => push(fields)(callback),
      boundingClientRect: push({ id: true, dataset: true, rect: true, size: true }),
      scrollOffset: push({ id: true, dataset: true, scrollOffset: true }),
      node: push({ node: true }),
      context: push({ context: true }),
    };
  };

  const query = {
    in(component: Where) {
      where = component;
      return query;
    },
    select: (selector: string) => {
      const inside = where;
      return nodes(() => [findIn(inside, selector)[0]], true);
    },
    selectAll: (selector: string) => {
      const inside = where;
      return nodes(() => findIn(inside, selector), false);
    },
    selectViewport: () => nodes(() => [viewport()], true),
    exec(callback?: (results: unknown[]) => void) {
      const run = asked.splice(0);
      // What was just set is drawn by then.
      requestAnimationFrame(() => {
        const results = run.map(({ ask, callback: each }) => {
          const result = ask();
          each?.(result);
          return result;
        });
        callback?.(results);
      });
      return query;
    },
  };
  return query;
}

function findIn(where: Where | undefined, selector: string): readonly Found[] {
  const { _$: element } = (where ?? {}) as {
    readonly _$?: {
      getShadowRoot(): { querySelectorAll(selector: string): readonly Found[] } | null;
    };
  };
  return element?.getShadowRoot()?.querySelectorAll(selector) ?? [];
}

/** The screen as a whole: the page that is in front. */
function viewport(): Found {
  const scroller = document.querySelector<HTMLElement>('.page:not([hidden]) .scroller');
  return { id: '', dataset: {}, $$: scroller ?? document.body };
}

function describe(found: Found, fields: Fields): { [name: string]: unknown } {
  const element = found.$$;
  const box = element.getBoundingClientRect();
  const top = element.closest('.page')?.getBoundingClientRect().top ?? 0;
  const style = getComputedStyle(element);
  const canvas = element.querySelector('canvas') ?? undefined;
  return {
    ...(fields.id && { id: found.id }),
    ...(fields.dataset && { dataset: found.dataset }),
    ...(fields.rect && {
      left: box.left,
      right: box.right,
      top: box.top - top,
      bottom: box.bottom - top,
    }),
    ...(fields.size && { width: box.width, height: box.height }),
    ...(fields.scrollOffset && {
      scrollLeft: element.scrollLeft,
      scrollTop: element.scrollTop,
      scrollWidth: element.scrollWidth,
      scrollHeight: element.scrollHeight,
    }),
    ...(fields.node && { node: canvas ?? element }),
    ...(fields.context && { context: canvas?.getContext('2d') ?? element }),
    ...Object.fromEntries((fields.properties ?? []).map((name) => [name, found.data?.[name]])),
    ...Object.fromEntries((fields.computedStyle ?? []).map((name) => [name, style.getPropertyValue(name)])),
  };
}
