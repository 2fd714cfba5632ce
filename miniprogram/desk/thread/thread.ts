import { deskWords } from '../desk-client';
import { createPresence } from '../presence';

const presence = createPresence();

Page({
  data: { id: '' },

  onLoad({ id = '' }: { id?: string }) {
    wx.setNavigationBarTitle({ title: deskWords().thread });
    this.setData({ id: decodeURIComponent(id) });
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
