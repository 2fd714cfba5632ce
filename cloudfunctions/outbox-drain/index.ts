import { outboxDrain } from '../../shared/kefu/drain-desk';
import { serve } from '../../shared/runtime/serve';

export const main = serve('outbox-drain', outboxDrain);
