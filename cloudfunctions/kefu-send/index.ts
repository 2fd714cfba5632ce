import { kefuSend } from '../../shared/functions/send/send';
import { serve } from '../../shared/runtime/serve';

export const main = serve(kefuSend);
