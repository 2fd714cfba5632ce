import { kefuDesk } from '../../shared/functions/desk/desk';
import { serve } from '../../shared/runtime/serve';

export const main = serve(kefuDesk);
