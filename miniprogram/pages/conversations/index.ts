import { type Conversation, conversations } from '../../conversations';

Page({
  data: {
    list: [] as readonly Conversation[],
    openid: '',
    name: '',
    wrong: '',
  },

  async onShow() {
    this.setData({ list: await conversations.list() });
  },

  onOpenid({ detail }: WechatMiniprogram.Input) {
    this.setData({ openid: detail.value, wrong: '' });
  },

  onName({ detail }: WechatMiniprogram.Input) {
    this.setData({ name: detail.value });
  },

  async onAdd() {
    const openid = this.data.openid.trim();
    if (!/^[\w-]{20,40}$/.test(openid)) {
      this.setData({ wrong: '请输入用户的 openid（在云开发控制台或消息推送中可见）' });
      return;
    }
    await conversations.keep({ openid, name: this.data.name.trim(), at: Date.now() });
    this.setData({ openid: '', name: '', list: await conversations.list() });
    this.open(openid);
  },

  onOpen({ currentTarget }: WechatMiniprogram.CustomEvent) {
    this.open(String(currentTarget.dataset['openid']));
  },

  async onRemove({ currentTarget }: WechatMiniprogram.CustomEvent) {
    await conversations.remove(String(currentTarget.dataset['openid']));
    this.setData({ list: await conversations.list() });
  },

  open(openid: string) {
    wx.navigateTo({ url: `/pages/conversation/index?openid=${encodeURIComponent(openid)}` });
  },
});
