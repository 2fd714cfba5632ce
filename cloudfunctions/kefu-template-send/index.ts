import { sendTemplate } from '../../shared/functions/templates/template';
import { serve } from '../../shared/runtime/serve';

export const main = serve('kefu-template-send', sendTemplate);
