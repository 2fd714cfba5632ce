import { kefuDesk } from '../../shared/functions/desk/desk';
import { notices } from '../../shared/notices';
import { serve } from '../../shared/runtime/serve';

export const main = serve(kefuDesk(notices));
