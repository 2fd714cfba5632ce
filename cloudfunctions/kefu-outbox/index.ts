import { kefuOutbox } from '../../shared/functions/outbox/kefu-outbox';
import { serve } from '../../shared/runtime/serve';

export const main = serve(kefuOutbox);
