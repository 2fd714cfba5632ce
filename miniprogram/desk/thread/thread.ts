import { deskWords } from '../desk-client';
import { createPresence } from '../presence';

const presence = createPresence();

Page({
  data: { id: '' },

  onLoad({ id = '' }: { id?: string }) {
    this.setData({ id: decodeURIComponent(id) });
  },

  onReady() {
    wx.setNavigationBarTitle({ title: deskWords().thread });
  },

  onShow() {
    presence.show();
  },

  onHide() {
    presence.hide();
  },

  onUnload() {
    presence.hide();
  },
});
