import type { NoticeSwitch } from '../../kefu-client';
import { service } from '../../service';
import { describeRefusal } from '../../words';

Page({
  data: {
    notices: [] as readonly NoticeSwitch[],
    ready: false,
    failed: '',
  },

  onShow() {
    return this.read();
  },

  /** What the switches are, as the cloud has them. */
  async read() {
    const result = await service.notices();
    this.setData(
      result.ok
        ? { notices: result.notices, ready: true, failed: '' }
        : { ready: true, failed: describeRefusal(result) },
    );
  },

  async onSwitch({ currentTarget, detail }: WechatMiniprogram.SwitchChange) {
    const type = String(currentTarget.dataset['type']);
    const result = await service.setNotice(type, detail.value);
    // What was not set is shown as it still is.
    await this.read();
    if (!result.ok) this.setData({ failed: describeRefusal(result) });
  },
});
