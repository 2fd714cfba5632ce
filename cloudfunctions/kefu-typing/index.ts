import { kefuTyping } from '../../shared/functions/typing/typing';
import { serve } from '../../shared/runtime/serve';

export const main = serve(kefuTyping);
