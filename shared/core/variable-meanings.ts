import type { VariableName } from './settings';

/** What each environment variable means, as the README and the deploy say it. The functions do not load this. */
export const variableMeanings = {
  KEFU_OPERATORS: 'openids that may send to anyone and answer at the desk, comma separated',
  KEFU_SECRET:
    '32 characters or more, from `npm run secret`: seals the documents that the functions act on, and signs the gateway’s tokens',
  KEFU_CLIENT_SENDS: '`on` (default) or `off`: whether a mini program’s client may send to its own user',
  KEFU_CLIENT_FILES:
    'folders of cloud storage whose files a mini program’s client may send, beside its own; `*` for all',
  MINIPROGRAM_APPID:
    'the mini program’s own appid: its encrypted callback and the links in its texts are held against it',
  OFFICIAL_APPID: 'the appid of the official account beside the mini program',
  OFFICIAL_SECRET: 'its AppSecret, for the channel `https`',
  OFFICIAL_CHANNEL: '`cloud` (default) or `https`: how the official account reaches WeChat',
  WECHAT_API_URL: 'WeChat’s HTTPS interface, if it is not `https://api.weixin.qq.com`',
  KEFU_HISTORY_DAYS:
    'for how many days conversations are kept, for the desk and for models; 0 (default): nothing is kept, and there is no desk',
  KEFU_OUTBOX_KEEP: '`text` (default) or `hashes`: what the outbox keeps of messages that it could not send',
  GATEWAY_CLIENTS:
    'servers that may use `kefu-gateway`: `id:secret[:account[:scope+scope]]`, comma separated',
  MODEL_URL: 'where the model of the rules’ `ask` is: the address before `/chat/completions`',
  MODEL_KEY:
    'its key; empty where it needs none; `cloudbase` for CloudBase’s own models, which take the function’s credentials',
  MODEL_NAME: 'which of its models',
  CALLBACK_TOKEN: 'the token of the callback address',
  CALLBACK_AES_KEY: 'its EncodingAESKey, where pushes come encrypted',
} as const satisfies { readonly [V in VariableName]: string };
