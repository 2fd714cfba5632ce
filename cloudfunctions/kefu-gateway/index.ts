import { rules } from '../../shared/rules';
import { serveGateway } from '../../shared/runtime/http/serve-gateway';

export const main = serveGateway('kefu-gateway', rules);
