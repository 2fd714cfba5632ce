import { kefuSubscribeSend } from '../../shared/functions/templates/subscribe-send';
import { serve } from '../../shared/runtime/serve';

export const main = serve(kefuSubscribeSend);
