import { env } from './settings';

App({
  onLaunch() {
    wx.cloud.init(env === '' ? { traceUser: true } : { env, traceUser: true });
  },
});
