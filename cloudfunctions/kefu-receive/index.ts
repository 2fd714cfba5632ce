import { rules } from '../../shared/rules';
import { serveReceive } from '../../shared/runtime/serve-receive';

export const main = serveReceive('kefu-receive', rules);
