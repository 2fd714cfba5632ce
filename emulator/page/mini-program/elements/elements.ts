import { formElements } from './form';
import { mediaElements } from './media';
import type { BuiltIn } from './register';
import { tapElements } from './taps';
import { textElements } from './texts';
import { viewElements } from './views';

/** WeChat's own elements, each a row: its attributes, and what it does. */
export const elements: { readonly [name: string]: BuiltIn } = {
  ...viewElements,
  ...textElements,
  ...tapElements,
  ...formElements,
  ...mediaElements,
};
