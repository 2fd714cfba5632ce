import { createCustomerService } from './kefu-client';

/** The one client of this mini program. */
export const service = createCustomerService();
