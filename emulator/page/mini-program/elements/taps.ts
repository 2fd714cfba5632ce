import { phone } from '../phone';
import type { BuiltIn, Given } from './register';

/** Elements that are there to be tapped. */
export const tapElements = {
  button: {
    properties: {
      size: String,
      type: String,
      plain: Boolean,
      disabled: Boolean,
      loading: Boolean,
      formType: String,
      openType: String,
      sessionFrom: String,
    },
    create: button,
  },
  navigator: {
    properties: { url: String, openType: String, delta: Number },
    create: (given) => {
      beTappable(given, 'link', () => {
        const { url = '', openType, delta } = given.props;
        const open = String(openType || 'navigateTo').replace(/^navigate$/, 'navigateTo');
        void phone.open(open, { url: String(url), delta: Number(delta) || 1 }).catch(phone.complain);
      });
    },
  },
  label: {
    properties: { for: String },
    create: ({ host, props }) => {
      host.addEventListener('click', (event) => {
        const { for: named } = props;
        const control = named
          ? document.querySelector<HTMLElement>(`[id$="--${String(named)}"] :is(input, textarea, select)`)
          : host.querySelector<HTMLElement>('input, textarea, select');
        if (control === null || event.target === control) return;
        control.focus();
        if (control.matches('[type=checkbox], [type=radio]')) control.click();
      });
    },
  },
} satisfies { readonly [name: string]: BuiltIn };

function button(given: Given): () => void {
  const { host, props, emit } = given;
  beTappable(given, 'button', () => {
    const { formType, openType } = props;
    if (formType === 'submit' || formType === 'reset')
      host.closest('wx-form')?.dispatchEvent(new CustomEvent(`form${formType}`));
    if (openType === 'contact') {
      phone.contact(String(props['sessionFrom'] ?? ''));
      emit('contact', {});
    } else if (openType) phone.complain({ errMsg: `open-type=${String(openType)} 不在本地微信中` });
  });
  return () => {
    const { disabled, ariaDisabled, loading, size, type, plain } = props;
    host.toggleAttribute('disabled', disabled === true);
    host.toggleAttribute('loading', loading === true);
    host.toggleAttribute('plain', plain === true);
    host.setAttribute('aria-disabled', String(disabled === true || ariaDisabled === true));
    host.tabIndex = disabled === true ? -1 : 0;
    host.setAttribute('size', String(size ?? ''));
    host.setAttribute('type', String(type ?? ''));
  };
}

/** Does something where the element is tapped, by mouse, finger or keyboard. */
function beTappable({ host }: Given, role: string, onTap: () => void): void {
  host.setAttribute('role', role);
  host.tabIndex = 0;
  host.addEventListener('click', () => {
    if (!host.hasAttribute('disabled')) onTap();
  });
}
