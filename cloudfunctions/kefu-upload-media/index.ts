import { kefuUploadMedia } from '../../shared/functions/media/upload-media';
import { serve } from '../../shared/runtime/serve';

export const main = serve(kefuUploadMedia);
