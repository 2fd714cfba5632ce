import { kefuTemplateSend } from '../../shared/functions/templates/template-send';
import { serve } from '../../shared/runtime/serve';

export const main = serve(kefuTemplateSend);
