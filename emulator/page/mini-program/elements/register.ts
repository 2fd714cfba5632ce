import type { CodeSpace } from 'glass-easel-miniprogram-adapter';

/** What a built-in element is given. */
export interface Given {
  /** Where it stands. What is in the element in the template stands in here. */
  readonly host: HTMLElement;
  /** Its attributes as they are now, in camelCase. */
  readonly props: { readonly [name: string]: unknown };
  /** Tells the page of an event. */
  emit(name: string, detail?: object, bubbles?: boolean): void;
  /** Takes down what the user changed, so that `model:` and the next value that is set are seen. */
  keep(values: { readonly [name: string]: unknown }): void;
}

/** One of WeChat's elements. */
export interface BuiltIn {
  /** The attributes that it acts on, in camelCase, with their types. A template may name others: they change nothing. */
  readonly properties?: { readonly [name: string]: PropertyType };
  /** Makes it, where it is more than its style; answers what is done when attributes change, and at first. */
  readonly create?: (given: Given) => (() => void) | undefined;
}

type ValueType = typeof String | typeof Number | typeof Boolean | null;
type PropertyType = ValueType | { readonly type: ValueType; readonly value: unknown };

/** What any element may have, and what of it the browser's has. */
const shared: { readonly [property: string]: string } = {
  ariaLabel: 'aria-label',
  ariaRole: 'role',
  ariaHidden: 'aria-hidden',
  ariaLive: 'aria-live',
  ariaExpanded: 'aria-expanded',
  ariaSelected: 'aria-selected',
  ariaChecked: 'aria-checked',
  ariaDisabled: 'aria-disabled',
  ariaLabelledby: 'aria-labelledby',
  ariaDescribedby: 'aria-describedby',
  ariaModal: 'aria-modal',
};

interface Caller {
  readonly data: { readonly [name: string]: unknown };
  readonly _$: {
    readonly $$: HTMLElement;
    triggerEvent(name: string, detail: object, options: object): void;
  };
  setData(values: object): void;
}

/** Makes an element known to all templates. */
export function registerElement(space: CodeSpace, name: string, { properties, create }: BuiltIn): void {
  const updates = new WeakMap<Caller, () => void>();
  const definition = {
    properties: {
      ...Object.fromEntries(
        Object.keys(shared).map((property) => [property, { type: null, value: undefined }]),
      ),
      hidden: Boolean,
      ...properties,
    },
    options: { dataDeepCopy: 0, propertyPassingDeepCopy: 0, propertyEarlyInit: true },
    lifetimes: {
      attached(this: Caller) {
        const host = this._$.$$;
        const update = create?.({
          host,
          props: asRead(this),
          emit: (event, detail = {}, bubbles = false) =>
            this._$.triggerEvent(event, detail, { bubbles, composed: bubbles, capturePhase: bubbles }),
          keep: (values) => this.setData(values),
        });
        const updateAll = () => {
          host.hidden = this.data['hidden'] === true;
          for (const [property, attribute] of Object.entries(shared)) {
            const { [property]: value } = this.data;
            if (value === undefined || value === null) continue;
            // A field of the browser's inside is what bears the name.
            const field = host.querySelector(':scope > :is(input, textarea, select)');
            const bearer = property === 'ariaLabel' ? (field ?? host) : host;
            bearer.setAttribute(attribute, String(value));
          }
          if (reachable.test(host.getAttribute('role') ?? '') && !host.hasAttribute('tabindex'))
            host.tabIndex = 0;
          update?.();
        };
        updates.set(this, updateAll);
        beReachable(this);
        updateAll();
      },
    },
    observers: {
      '**'(this: Caller) {
        updates.get(this)?.();
      },
    },
  };
  const { _$: type } = space
    .component(`wx-elements/${name}`)
    .definition(definition as never)
    .register() as unknown as { readonly _$: GlobalUse };
  space.getComponentSpace().setGlobalUsingComponent(name, type);
}

type GlobalUse = Parameters<ReturnType<CodeSpace['getComponentSpace']>['setGlobalUsingComponent']>[1];

/** The roles of what is there to be tapped. */
const reachable = /^(button|link|tab|menuitem|option|checkbox|radio|switch)$/;

/** What can be tapped can be reached by keyboard too: Enter and the space bar are a tap. */
function beReachable({ _$: element }: Caller): void {
  const host = element.$$;
  host.addEventListener('keydown', (event) => {
    if (event.target !== host || host.tabIndex < 0 || (event.key !== 'Enter' && event.key !== ' ')) return;
    event.preventDefault();
    const { left: x, top: y } = host.getBoundingClientRect();
    element.triggerEvent('tap', { x, y }, { bubbles: true, composed: true, capturePhase: true });
    host.click();
  });
}

/** The attributes, always as they are when they are read. */
function asRead(caller: Caller): Given['props'] {
  return new Proxy(
    {},
    { get: (_target, name) => (typeof name === 'string' ? caller.data[name] : undefined) },
  );
}
