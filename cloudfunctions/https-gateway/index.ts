import { rules } from '../../shared/rules';
import { serveGateway } from '../../shared/runtime/serve-gateway';

export const main = serveGateway('https-gateway', rules);
