import { service } from '../../service';
import { describeRefusal, describeWindow } from '../../words';

Page({
  data: {
    /** Reaches the cloud as `SessionFrom` when the user enters the conversation. At most 1000 bytes. */
    sessionFrom: JSON.stringify({ page: 'contact', order: '20240601' }),
    windowText: '',
    opened: '',
  },

  onShow() {
    return this.readWindow();
  },

  /** What may still be sent to this user. It changes when the user comes back from the conversation. */
  async readWindow() {
    const window = await service.window();
    this.setData({ windowText: window.ok ? describeWindow(window, Date.now()) : describeRefusal(window) });
  },

  /** The user came back from the conversation by tapping a card in it. */
  onContact({
    detail,
  }: WechatMiniprogram.CustomEvent<{ path?: string; query?: { [name: string]: string } }>) {
    if (detail.path) this.setData({ opened: `${detail.path}${JSON.stringify(detail.query ?? {})}` });
  },
});
