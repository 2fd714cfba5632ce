/** The cloud environment that holds the functions. Left empty, the one chosen in WeChat DevTools. */
export const env = '';
