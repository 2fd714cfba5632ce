import cloud from 'wx-server-sdk';

/** The SDK of a bundle, for tests that look into it. */
export const sdk: unknown = cloud;
