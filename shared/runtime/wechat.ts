import type { Clock, Database, Log, WeChat } from '../core/ports';
import type { Settings } from '../core/settings';
import { callRow } from '../wechat/calls';
import { createCloudWeChat } from './wechat-cloud';

/**
 * The way to WeChat, by account: the mini program through the cloud, the official account by the channel that is set.
 *
 * Both ways take the same calls in the same form. What the cloud does not offer an official account goes over HTTPS
 * where there is its AppSecret, whatever the channel; what has no way is refused with that reason.
 */
export function createWeChat(parts: {
  readonly settings: Settings;
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
}): WeChat {
  const cloud = createCloudWeChat(parts.settings);
  const { officialChannel, officialSecret } = parts.settings;
  return {
    async call(name, payload, account) {
      const hasOnlyHttps = callRow(name).cloud.official === undefined && officialSecret !== '';
      if (account !== 'official' || (officialChannel === 'cloud' && !hasOnlyHttps))
        return cloud.call(name, payload, account);
      // Loaded when it is used: most instances never send over HTTPS.
      const { createHttpsWeChat } = await import('./wechat-https');
      return createHttpsWeChat(parts).call(name, payload, account);
    },
  };
}
