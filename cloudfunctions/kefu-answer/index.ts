import { kefuAnswer } from '../../shared/functions/answer/answer';
import { rules } from '../../shared/rules';
import { outside } from '../../shared/runtime/outside';
import { serve } from '../../shared/runtime/serve';

export const main = serve(kefuAnswer(rules, outside));
