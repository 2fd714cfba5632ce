import { sendSubscribe } from '../../shared/functions/templates/template';
import { serve } from '../../shared/runtime/serve';

export const main = serve('kefu-subscribe-send', sendSubscribe);
