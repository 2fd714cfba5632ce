import { kefuAnswer } from '../../shared/functions/answer/answer';
import { outside } from '../../shared/runtime/outside';
import { serve } from '../../shared/runtime/serve';
import { rules } from './rules';

export const main = serve(kefuAnswer(rules, outside));
