import type { BuiltIn, Given } from './register';

const field = {
  name: String,
  value: null,
  disabled: Boolean,
  placeholder: String,
  maxlength: Number,
  focus: Boolean,
  autoFocus: Boolean,
  confirmType: String,
} as const;

/** Elements that take what the user enters. */
export const formElements = {
  input: {
    properties: { ...field, type: String, password: Boolean },
    create: (given) => {
      const input = document.createElement('input');
      const update = textField(given, input);
      return () => {
        const { type, password } = given.props;
        input.type = password === true ? 'password' : 'text';
        input.inputMode = type === 'number' ? 'numeric' : type === 'digit' ? 'decimal' : 'text';
        update();
      };
    },
  },
  textarea: {
    properties: { ...field, autoHeight: Boolean },
    create: (given) => {
      const area = document.createElement('textarea');
      area.rows = 1;
      const update = textField(given, area);
      const fit = () => {
        if (given.props['autoHeight'] !== true) return;
        area.style.height = '';
        // It has no height as long as it is not shown.
        if (area.scrollHeight > 0) area.style.height = `${area.scrollHeight}px`;
      };
      area.addEventListener('input', fit);
      new ResizeObserver(fit).observe(given.host);
      return () => {
        update();
        area.classList.toggle('auto-height', given.props['autoHeight'] === true);
        requestAnimationFrame(fit);
      };
    },
  },
  switch: {
    properties: { name: String, checked: Boolean, disabled: Boolean },
    create: (given) => checkable(given, 'checkbox', (checked) => ({ value: checked })),
  },
  checkbox: {
    properties: { value: String, checked: Boolean, disabled: Boolean },
    create: (given) => checkable(given, 'checkbox'),
  },
  radio: {
    properties: { value: String, checked: Boolean, disabled: Boolean },
    create: (given) => checkable(given, 'radio'),
  },
  'checkbox-group': {
    create: ({ host, emit }) => {
      host.addEventListener('change', () => {
        const checked = [...host.querySelectorAll<HTMLInputElement>('input:checked')];
        emit('change', { value: checked.map(({ value }) => value) });
      });
    },
  },
  'radio-group': {
    create: ({ host, emit }) => {
      host.addEventListener('change', ({ target }) => {
        if (!(target instanceof HTMLInputElement)) return;
        for (const other of host.querySelectorAll<HTMLInputElement>('input'))
          other.checked = other === target;
        emit('change', { value: target.value });
      });
    },
  },
  slider: {
    properties: { min: Number, max: Number, step: Number, value: Number, disabled: Boolean },
    create: ({ host, props, emit, keep }) => {
      const input = document.createElement('input');
      input.type = 'range';
      input.addEventListener('change', () => {
        keep({ value: input.valueAsNumber });
        emit('change', { value: input.valueAsNumber });
      });
      host.append(input);
      return () => {
        input.disabled = props['disabled'] === true;
        input.min = String(props['min'] ?? 0);
        input.max = String(props['max'] || 100);
        input.step = String(props['step'] || 1);
        input.value = String(props['value'] ?? 0);
      };
    },
  },
  picker: {
    properties: {
      mode: String,
      value: null,
      range: null,
      rangeKey: String,
      start: String,
      end: String,
      fields: String,
      disabled: Boolean,
    },
    create: picker,
  },
  form: {
    create: ({ host, emit }) => {
      host.addEventListener('formsubmit', () => {
        emit('submit', { value: valuesIn(host) });
      });
      host.addEventListener('formreset', () => emit('reset'));
    },
  },
} satisfies { readonly [name: string]: BuiltIn };

function textField(given: Given, input: HTMLInputElement | HTMLTextAreaElement): () => void {
  const { host, props, emit, keep } = given;
  const detail = () => ({ value: input.value, cursor: input.selectionStart ?? input.value.length });
  input.addEventListener('input', () => {
    keep({ value: input.value });
    emit('input', detail());
  });
  input.addEventListener('focus', () => emit('focus', { ...detail(), height: 0 }));
  input.addEventListener('blur', () => emit('blur', detail()));
  input.addEventListener('keydown', (event) => {
    if (!(event instanceof KeyboardEvent) || event.key !== 'Enter' || event.isComposing) return;
    const isArea = input instanceof HTMLTextAreaElement;
    const sends = !event.shiftKey && /^(send|search|go)$/.test(String(props['confirmType']));
    // In a text area Enter is a new line, but where the page has it send.
    if (isArea && !sends) return;
    event.preventDefault();
    emit('confirm', detail());
  });
  host.append(input);
  let focused: unknown;
  return () => {
    const { value, disabled, placeholder, maxlength, focus, autoFocus, name } = props;
    const text = value === undefined || value === null ? '' : String(value);
    if (input.value !== text) input.value = text;
    input.disabled = disabled === true;
    input.placeholder = String(placeholder ?? '');
    input.name = String(name ?? '');
    const most = Number(maxlength);
    // 140 characters where nothing is said, none counted from -1 on.
    input.maxLength = most < 0 ? 1_000_000 : most || 140;
    const wanted = focus === true || autoFocus === true;
    if (wanted && focused !== true) requestAnimationFrame(() => input.focus());
    else if (!wanted && focused === true) input.blur();
    focused = wanted;
  };
}

function checkable(
  given: Given,
  type: 'checkbox' | 'radio',
  detail?: (checked: boolean) => object,
): () => void {
  const { host, props, emit, keep } = given;
  const input = document.createElement('input');
  input.type = type;
  input.addEventListener('change', () => {
    keep({ checked: input.checked });
    if (detail !== undefined) emit('change', detail(input.checked));
  });
  host.prepend(input);
  return () => {
    const { checked, disabled, value, name } = props;
    input.checked = checked === true;
    input.disabled = disabled === true;
    input.name = String(name ?? '');
    if (value !== undefined) input.value = String(value);
  };
}

/** The kinds of a picker that the browser has a field for. */
const inputTypes: { readonly [mode: string]: string } = { date: 'date', time: 'time' };

/** A picker is a field of the browser's over what the template shows. */
function picker({ host, props, emit, keep }: Given): () => void {
  const input = document.createElement('input');
  const select = document.createElement('select');
  const choose = (value: string | number) => {
    keep({ value });
    emit('change', { value });
  };
  input.addEventListener('change', () => choose(input.value));
  select.addEventListener('change', () => choose(select.selectedIndex));
  host.append(input, select);
  return () => {
    const { mode, value, range, rangeKey, start, end, fields, disabled, ariaLabel } = props;
    const type = inputTypes[String(mode)];
    const named = String(ariaLabel ?? host.textContent ?? '').trim();
    for (const control of [input, select]) {
      control.setAttribute('aria-label', named);
      control.disabled = disabled === true;
      control.hidden = (control === input) !== (type !== undefined);
    }
    if (type !== undefined) {
      input.type = fields === 'month' ? 'month' : type;
      input.value = String(value ?? '');
      input.min = String(start ?? '');
      input.max = String(end ?? '');
      return;
    }
    const rows = Array.isArray(range) ? range : [];
    const texts = rows.map((row: unknown) =>
      String(rangeKey ? (row as { [key: string]: unknown })[String(rangeKey)] : row),
    );
    select.replaceChildren(...texts.map((text) => new Option(text)));
    select.selectedIndex = Number(value ?? 0);
  };
}

function valuesIn(form: HTMLElement): { [name: string]: unknown } {
  const inputs = [...form.querySelectorAll<HTMLInputElement>('[name]')].filter(({ name }) => name !== '');
  return Object.fromEntries(
    inputs.map((input) => [input.name, input.type === 'checkbox' ? input.checked : input.value]),
  );
}
