import type { ComponentChild } from 'preact';
import { useId } from 'preact/hooks';
import { useKept } from './kept';

interface TabsProps<Name extends string> {
  readonly label: string;
  /** The name under which a reload finds the view again. */
  readonly kept: string;
  readonly names: readonly [Name, ...Name[]];
  readonly text: (name: Name) => string;
  readonly panel: (name: Name) => ComponentChild;
}

/** A few views of one thing. Arrow keys go from tab to tab. */
export function Tabs<Name extends string>({ label, kept, names, text, panel }: TabsProps<Name>) {
  const id = useId();
  const isName = (value: unknown): value is Name => names.some((name) => name === value);
  const [shown, setShown] = useKept(`tab.${kept}`, names[0], isName);
  const move = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    const next = names.at((names.indexOf(shown) + step) % names.length) ?? shown;
    setShown(next);
    if (event.currentTarget instanceof HTMLElement) {
      event.currentTarget.querySelector<HTMLElement>(`[data-name="${next}"]`)?.focus();
    }
  };
  return (
    <div class="tabs">
      <div role="tablist" aria-label={label} onKeyDown={move}>
        {names.map((name) => (
          <button
            type="button"
            role="tab"
            key={name}
            data-name={name}
            id={`${id}-${name}`}
            aria-selected={name === shown}
            aria-controls={`${id}-panel`}
            tabIndex={name === shown ? 0 : -1}
            onClick={() => setShown(name)}
          >
            {text(name)}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${shown}`}>
        {panel(shown)}
      </div>
    </div>
  );
}
