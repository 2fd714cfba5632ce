import type { template } from 'glass-easel';
import { type CodeSpace, component, MiniProgramEnv, type Root } from 'glass-easel-miniprogram-adapter';
import { Screen } from './backend';
import { elements } from './elements/elements';
import { registerElement } from './elements/register';
import type { Definition, Described, Modules, Part } from './part';
import { followTouches } from './touches';
import { createSelectorQuery } from './wx/selector-query';

/** The templates of a mini program, by path. */
export interface Templates {
  readonly [path: string]: template.ComponentTemplate['content'];
}

/** A mini program's pages and components, ready to be drawn. */
export interface Code {
  /** Draws a page in the place of an element; its script and components run first where they have not. */
  draw(path: string, query: string, place: HTMLElement): DrawnPage;
}

/** A page as the runtime has it. */
export interface DrawnPage {
  /** What is `this` in the page's functions. */
  readonly instance: { [field: string]: unknown };
  /** Tells the page's components of it: `show`, `hide`, `resize`. */
  tell(lifetime: string): void;
  remove(): void;
}

type Constructors = Parameters<Parameters<CodeSpace['componentEnv']>[1]>[0];

/** WeChat's behaviors, which components name by a text. They say how a component stands in a form. */
const wechatBehaviors: { readonly [name: string]: Definition } = {
  'wx://form-field': { properties: { name: String, value: null } },
  'wx://form-field-group': {},
  'wx://form-field-button': {},
  'wx://component-export': {},
};

// Theirs knows nothing of a canvas.
Object.assign(component.ComponentCaller.prototype, {
  createSelectorQuery(this: DrawnPage['instance']) {
    return createSelectorQuery(this);
  },
});

/** Makes a mini program's code ready. `Page`, `Component` and `Behavior` are there while a script of it runs. */
export function createCode({ parts }: Described, modules: Modules, templates: Templates): Code {
  const environment = new MiniProgramEnv();
  const drawing = new Screen();
  const screen = environment.associateBackend(drawing);
  followTouches(drawing);
  const space = environment.createCodeSpace('', true);
  for (const [name, element] of Object.entries(elements)) registerElement(space, name, element);
  const known = new Map(parts.map((part) => [part.path, part]));
  for (const part of parts) describe(space, part, part.config, templates);
  const ran = new Set<string>();

  const run = (path: string) => {
    const part = known.get(path);
    if (part === undefined || ran.has(path)) return;
    ran.add(path);
    for (const used of Object.values(part.config.usingComponents ?? {})) run(used.slice(1));
    space.componentEnv(path, (constructors) => {
      let defined = false;
      const onDefined = () => {
        defined = true;
      };
      Object.assign(globalThis, given(space, part, constructors, templates, onDefined));
      modules[path]?.();
      if (!defined) constructors.Component({});
    });
  };

  return {
    draw(path, query, place) {
      run(path);
      const root = screen.createRoot('page', space, path + query);
      const instance = root.get() as unknown as DrawnPage['instance'];
      const parent = place.parentElement;
      if (parent === null)
        throw new Error('a page is drawn in the place of an element that stands somewhere');
      root.attach(asBackend(parent), asBackend(place));
      return {
        instance,
        tell: (lifetime) => root.getComponent().triggerPageLifetime(lifetime, []),
        remove() {
          const element = root.getComponent().$$ as unknown as HTMLElement;
          root.release();
          element.remove();
        },
      };
    },
  };
}

type Place = Parameters<Root['attach']>[0];

function asBackend(element: HTMLElement): Place {
  return element as unknown as Place;
}

/** Tells the runtime what a part is, before its script runs. */
function describe(space: CodeSpace, { path, scope }: Part, config: object, templates: Templates): void {
  space.addComponentStaticConfig(path, config);
  space.addStyleSheet(path, undefined, scope);
  const content = templates[path];
  if (content !== undefined) space.addCompiledTemplate(path, { groupList: templates, content } as never);
}

/** `Page`, `Component` and `Behavior` as a part's script finds them. */
function given(
  space: CodeSpace,
  part: Part,
  { Page, Component, Behavior }: Constructors,
  templates: Templates,
  onDefined: () => void,
) {
  const define = (make: (definition: never) => unknown) => (definition: Definition) => {
    onDefined();
    const isolation = isolationOf(definition);
    if (isolation !== undefined)
      describe(space, part, { ...part.config, styleIsolation: isolation }, templates);
    return make(withBehaviors(space, definition) as never);
  };
  return {
    Page: define(Page),
    Component: define(Component),
    Behavior: (definition: Definition) => Behavior(withBehaviors(space, definition) as never),
  };
}

/** How far a component takes its page's styles, where its script says so. Shared both ways is shared one way here. */
function isolationOf({ options }: Definition): string | undefined {
  const { styleIsolation, addGlobalClass } = (options ?? {}) as Definition;
  if (styleIsolation === 'shared') return 'apply-shared';
  if (typeof styleIsolation === 'string') return styleIsolation;
  return addGlobalClass === true ? 'apply-shared' : undefined;
}

function withBehaviors(space: CodeSpace, definition: Definition): Definition {
  const { behaviors } = definition;
  if (!Array.isArray(behaviors)) return definition;
  const named = behaviors.map((behavior: unknown) => {
    if (typeof behavior !== 'string') return behavior;
    return space
      .behavior()
      .definition((wechatBehaviors[behavior] ?? {}) as never)
      .register();
  });
  return { ...definition, behaviors: named };
}
