import { kefuOutbox } from '../../shared/functions/outbox/operator';
import { serve } from '../../shared/runtime/serve';

export const main = serve('kefu-outbox', kefuOutbox);
