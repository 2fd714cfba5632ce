import { sendSubscribe } from '../../shared/kefu/template';
import { serve } from '../../shared/runtime/serve';

export const main = serve('subscribe-send', sendSubscribe);
