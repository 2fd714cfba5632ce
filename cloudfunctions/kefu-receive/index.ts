import { kefuReceive } from '../../shared/functions/receive/receive';
import { rules } from '../../shared/rules';
import { serve } from '../../shared/runtime/serve';

export const main = serve(kefuReceive(rules));
