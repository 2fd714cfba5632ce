import { typing } from '../../shared/kefu/typing';
import { serve } from '../../shared/runtime/serve';

export const main = serve('kefu-typing', typing);
