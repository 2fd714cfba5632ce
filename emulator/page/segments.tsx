interface SegmentsProps<Value extends string> {
  readonly label: string;
  /** The radio group's name; one on the page. */
  readonly name: string;
  readonly values: readonly Value[];
  readonly value: string;
  readonly text: (value: Value) => string;
  readonly onChange: (value: Value) => void;
  readonly disabled?: boolean;
  /** `chips` stand apart and may wrap; `segments`, the default, stand joined in a row. */
  readonly look?: 'segments' | 'chips';
}

/** One choice of a few, as radio buttons: arrow keys move, a screen reader says which of how many. */
export function Segments<Value extends string>(props: SegmentsProps<Value>) {
  const { label, name, values, value, text, onChange, look = 'segments', disabled = false } = props;
  return (
    <fieldset class={look} aria-label={label} disabled={disabled}>
      {values.map((choice) => (
        <label key={choice} class={choice === value ? 'chosen' : ''} title={choice}>
          <input
            type="radio"
            name={name}
            value={choice}
            checked={choice === value}
            onChange={() => onChange(choice)}
          />
          <span>{text(choice)}</span>
        </label>
      ))}
    </fieldset>
  );
}
