import { sendTemplate } from '../../shared/kefu/template';
import { serve } from '../../shared/runtime/serve';

export const main = serve('template-send', sendTemplate);
