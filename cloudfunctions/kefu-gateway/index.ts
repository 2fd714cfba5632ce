import { rules } from '../../shared/rules';
import { kefuGateway } from '../../shared/runtime/http/kefu-gateway';
import { serve } from '../../shared/runtime/serve';

export const main = serve(kefuGateway(rules));
