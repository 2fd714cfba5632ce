/** Whether tests go as deep as they are written: in CI, which sets `CI`, and wherever `KEFU_FULL` is set. */
const full = ['CI', 'KEFU_FULL'].some((name) => !['', '0', 'false'].includes(process.env[name] ?? ''));

/**
 * How often something is repeated that takes long: as often as written where tests go deep, else a fortieth of it, and
 * no more than 250 times. What breaks it at once is seen everywhere, what breaks it rarely is left to CI.
 */
export const depth = (times: number): number => (full ? times : Math.min(Math.ceil(times / 40), 250));
