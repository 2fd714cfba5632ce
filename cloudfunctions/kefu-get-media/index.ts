import { getMedia } from '../../shared/functions/media/get-media';
import { serve } from '../../shared/runtime/serve';

export const main = serve('kefu-get-media', getMedia);
