import { send } from '../../shared/kefu/send';
import { serve } from '../../shared/runtime/serve';

export const main = serve('kefu-send', send);
