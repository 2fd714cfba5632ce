import { getMedia } from '../../shared/kefu/get-media';
import { serve } from '../../shared/runtime/serve';

export const main = serve('kefu-get-media', getMedia);
