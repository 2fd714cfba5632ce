import { uploadMedia } from '../../shared/kefu/upload-media';
import { serve } from '../../shared/runtime/serve';

export const main = serve('kefu-upload-media', uploadMedia);
