import { kefuReceive } from '../../shared/functions/receive/receive';
import { serve } from '../../shared/runtime/serve';
import { rules } from './rules';

export const main = serve(kefuReceive(rules));
