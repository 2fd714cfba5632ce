import { kefuNotify } from '../../shared/functions/notify/notify';
import { notices } from '../../shared/notices';
import { serve } from '../../shared/runtime/serve';

export const main = serve(kefuNotify(notices));
