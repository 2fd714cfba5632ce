import { createCustomerService } from '../../kefu-client';
import { desk } from '../desk';
import { deskWords } from '../desk-client';
import { type Filter, listOf, serverNow } from '../model/desk-state';
import { listRow } from '../model/views';
import { changedOf, createPresence } from '../presence';
import { waitingTemplate } from '../settings';
import { describeDeskRefusal } from '../words';

const words = deskWords();

/** From this width, in pixels, the list and a conversation stand side by side. */
const wideFrom = 720;

/** How long the search waits for the next key. */
const typingMs = 300;

const filters: readonly Filter['state'][] = ['waiting', 'mine', 'person', 'bot', 'closed', 'all'];

/** The colours of the states. */
const themes = { waiting: 'warning', person: 'success', bot: 'primary', closed: 'default' } as const;

const presence = createPresence();
let unsubscribe: () => void = () => undefined;
let clock = 0;
let typing = 0;

/** What the page shows of what the desk knows. */
function view(chosen: string) {
  const { state, status, filter } = desk;
  const now = serverNow(state, Date.now());
  const rows = listOf(state, filter, status.found).map((each) => ({
    ...listRow(each, state, words, now, chosen),
    theme: themes[each.state],
  }));
  return {
    rows,
    offline: status.offline,
    refused: status.refusal === undefined ? '' : describeDeskRefusal(status.refusal, words),
    isEmpty: rows.length === 0 && status.isRead && status.refusal === undefined,
    hasMore: status.hasMore,
    filter: filter.state,
  };
}

Page({
  data: {
    t: words.page,
    more: { stats: words.stats, settings: words.settings },
    tabs: filters.map((name) => ({ name, word: words.filters[name] })),
    ...view(''),
    search: '',
    wide: false,
    chosen: '',
    mayNotify: false,
  },

  async onLoad() {
    this.setData({ wide: wx.getWindowInfo().windowWidth >= wideFrom });
    unsubscribe = desk.subscribe(() => this.draw());
    if (waitingTemplate === '') return;
    const answer = await createCustomerService().notices();
    if (answer.ok) this.setData({ mayNotify: answer.notices.some(({ type }) => type === 'desk-waiting') });
  },

  onReady() {
    wx.setNavigationBarTitle({ title: words.desk });
  },

  onShow() {
    presence.show();
    // Waiting times are counted up.
    clearInterval(clock);
    clock = setInterval(() => this.draw(), 1000);
    this.draw();
  },

  onHide() {
    presence.hide();
    clearInterval(clock);
  },

  onUnload() {
    presence.hide();
    clearInterval(clock);
    clearTimeout(typing);
    unsubscribe();
  },

  onResize({ size }: WechatMiniprogram.Page.IResizeOption) {
    const wide = size.windowWidth >= wideFrom;
    if (wide === this.data.wide) return;
    const { chosen } = this.data;
    this.setData({ wide });
    // What stood beside the list gets a page of its own.
    if (!wide && chosen !== '') {
      this.setData({ chosen: '' });
      this.goTo(chosen);
    }
  },

  draw() {
    const changed = changedOf(this.data, view(this.data.chosen));
    if (Object.keys(changed).length > 0) this.setData(changed);
  },

  onFilter({ currentTarget }: WechatMiniprogram.CustomEvent) {
    return desk.look({ ...desk.filter, state: currentTarget.dataset['name'] as Filter['state'] });
  },

  onSearch({ detail }: WechatMiniprogram.CustomEvent<{ value: string }>) {
    const search = detail.value;
    this.setData({ search });
    clearTimeout(typing);
    typing = setTimeout(() => desk.look({ ...desk.filter, search }), typingMs);
  },

  onMore() {
    return desk.more();
  },

  onOpen({ currentTarget }: WechatMiniprogram.CustomEvent) {
    const id = String(currentTarget.dataset['id']);
    if (this.data.wide) {
      this.setData({ chosen: id });
      this.draw();
    } else this.goTo(id);
  },

  goTo(id: string) {
    wx.navigateTo({ url: `/desk/thread/thread?id=${encodeURIComponent(id)}` });
  },

  onStats() {
    wx.navigateTo({ url: '/desk/stats/stats' });
  },

  onSettings() {
    wx.navigateTo({ url: '/desk/canned/canned' });
  },

  /** Each permission is for one message, so it is asked for whenever the operator taps. */
  async onNotify() {
    const asked = await wx
      .requestSubscribeMessage({ tmplIds: [waitingTemplate] })
      .then((answer) => (answer as unknown as { [template: string]: string })[waitingTemplate])
      .catch(() => 'reject');
    wx.showToast({ title: asked === 'accept' ? words.page.notified : words.page.notNotified, icon: 'none' });
  },
});
