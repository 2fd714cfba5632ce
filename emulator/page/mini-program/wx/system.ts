import { chrome } from '../chrome-state';
import { isDesk } from '../phone';
import { language } from '../words';
import { textOf, toApis } from './api';

/** Where a page is drawn. */
const place = () => document.getElementById('pages') ?? document.body;

const dark = matchMedia('(prefers-color-scheme: dark)');

function windowInfo() {
  const { clientWidth: windowWidth, clientHeight: windowHeight } = place();
  return {
    pixelRatio: devicePixelRatio,
    screenWidth: innerWidth,
    screenHeight: innerHeight,
    windowWidth,
    windowHeight,
    statusBarHeight: 0,
    screenTop: 0,
    safeArea: {
      left: 0,
      top: 0,
      right: windowWidth,
      bottom: windowHeight,
      width: windowWidth,
      height: windowHeight,
    },
  };
}

function baseInfo() {
  return {
    SDKVersion: '3.8.0',
    language: language === 'zh' ? 'zh_CN' : 'en',
    theme: dark.matches ? 'dark' : 'light',
    version: '8.0.50',
    enableDebug: false,
    fontSizeSetting: 16,
    host: { appId: '', env: 'WeChat' },
  };
}

function deviceInfo() {
  const platform = isDesk ? 'windows' : 'devtools';
  return { platform, brand: 'kefu-cloud', model: 'local', system: platform, abi: '', benchmarkLevel: 1 };
}

const launchOptions = () => ({ path: '', query: {}, scene: 1001 });

const systemInfo = () => ({ ...windowInfo(), ...baseInfo(), ...deviceInfo() });

const network = () => ({ isConnected: navigator.onLine, networkType: navigator.onLine ? 'wifi' : 'none' });

/** What the phone tells of, each by what in the browser. */
const events: { readonly [name: string]: (tell: (detail: unknown) => void) => void } = {
  NetworkStatusChange(tell) {
    for (const name of ['online', 'offline']) addEventListener(name, () => tell(network()));
  },
  ThemeChange(tell) {
    dark.addEventListener('change', () => tell({ theme: dark.matches ? 'dark' : 'light' }));
  },
  WindowResize(tell) {
    addEventListener('resize', () => {
      const { windowWidth, windowHeight } = windowInfo();
      tell({ size: { windowWidth, windowHeight }, windowWidth, windowHeight });
    });
  },
  AppShow: (tell) => document.addEventListener('visibilitychange', () => document.hidden || tell({})),
  AppHide: (tell) => document.addEventListener('visibilitychange', () => document.hidden && tell({})),
  KeyboardHeightChange: () => undefined,
  Error: () => undefined,
  UnhandledRejection: () => undefined,
  MemoryWarning: () => undefined,
};

type Listener = (detail: unknown) => void;

/** `wx.onX` and `wx.offX` of each event: listeners, told when the browser tells us. */
const eventApis = Object.fromEntries(
  Object.entries(events).flatMap(([name, begin]) => {
    const listeners = new Set<Listener>();
    begin((detail) => {
      for (const listener of listeners) listener(detail);
    });
    const off = (listener?: Listener) =>
      void (listener === undefined ? listeners.clear() : listeners.delete(listener));
    return [
      [`on${name}`, (listener: Listener) => void listeners.add(listener)],
      [`off${name}`, off],
    ];
  }),
);

const nothing = () => undefined;

/** What the phone is, and what it tells of. */
export const systemApis = {
  getSystemInfoSync: systemInfo,
  getWindowInfo: windowInfo,
  getAppBaseInfo: baseInfo,
  getDeviceInfo: deviceInfo,
  getSystemSetting: () => ({ wifiEnabled: true, locationEnabled: true, bluetoothEnabled: false }),
  getAccountInfoSync: () => ({
    miniProgram: { appId: 'wx0000000000000001', envVersion: 'develop', version: '' },
  }),
  getLaunchOptionsSync: launchOptions,
  getEnterOptionsSync: launchOptions,
  getMenuButtonBoundingClientRect: () => {
    const right = innerWidth - 7;
    return { width: 87, height: 32, top: 6, bottom: 38, left: right - 87, right };
  },
  nextTick: (work: () => void) => void Promise.resolve().then(work),
  ...eventApis,
  getUpdateManager: () => ({
    onCheckForUpdate: nothing,
    onUpdateReady: nothing,
    onUpdateFailed: nothing,
    applyUpdate: nothing,
  }),
  reportEvent: nothing,
  ...toApis({
    getSystemInfo: systemInfo,
    getNetworkType: () => ({ networkType: network().networkType, signalStrength: 1 }),
    login: () => ({ code: 'local-code' }),
    checkSession: nothing,
    getSetting: () => ({ authSetting: {}, subscriptionsSetting: { mainSwitch: true, itemSettings: {} } }),
    vibrateShort: nothing,
    vibrateLong: nothing,
    hideKeyboard() {
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    },
    stopPullDownRefresh: nothing,
    setNavigationBarColor: nothing,
    showNavigationBarLoading: nothing,
    hideNavigationBarLoading: nothing,
    hideHomeButton: nothing,
    setTabBarBadge({ index, text }) {
      chrome.set({ badges: { ...chrome.value.badges, [Number(index)]: textOf(text) } });
    },
    removeTabBarBadge({ index }) {
      const { [Number(index)]: _removed, ...badges } = chrome.value.badges;
      chrome.set({ badges });
    },
    showTabBarRedDot({ index }) {
      chrome.set({ badges: { ...chrome.value.badges, [Number(index)]: '' } });
    },
    pageScrollTo({ scrollTop, duration }) {
      document.querySelector('.page:not([hidden]) > .scroller')?.scrollTo({
        top: Number(scrollTop) || 0,
        behavior: duration === 0 ? 'auto' : 'smooth',
      });
    },
  }),
};
