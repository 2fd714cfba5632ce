import { kefuGetMedia } from '../../shared/functions/media/get-media';
import { serve } from '../../shared/runtime/serve';

export const main = serve(kefuGetMedia);
