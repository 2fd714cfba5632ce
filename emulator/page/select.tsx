import type { ComponentChildren } from 'preact';

/** Something to be chosen: its value, and what it is called where that is another text. */
export type Option = string | { readonly value: string; readonly text: string; readonly title?: string };

/** Options under a heading. */
export interface OptionGroup {
  readonly label: string;
  readonly options: readonly Option[];
}

interface SelectProps {
  /** What it is called, where no label stands around it. */
  readonly label?: string;
  readonly class?: string;
  readonly value: string;
  readonly options: readonly (Option | OptionGroup)[];
  readonly onChange: (value: string) => void;
}

/** A choice of many. */
export function Select({ label, options, onChange, ...more }: SelectProps) {
  return (
    <select
      {...more}
      {...(label === undefined ? {} : { 'aria-label': label })}
      onChange={(event) => onChange(event.currentTarget.value)}
    >
      {options.map(draw)}
    </select>
  );
}

function draw(option: Option | OptionGroup): ComponentChildren {
  if (typeof option === 'object' && 'label' in option)
    return (
      <optgroup label={option.label} key={option.label}>
        {option.options.map(draw)}
      </optgroup>
    );
  const { text, ...rest } = typeof option === 'string' ? { value: option, text: option } : option;
  return (
    <option {...rest} key={rest.value}>
      {text}
    </option>
  );
}
