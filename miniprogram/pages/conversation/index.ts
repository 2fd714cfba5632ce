import { conversations } from '../../conversations';
import type { MessageFor } from '../../kefu-client';
import { choosePicture } from '../../picture';
import { service } from '../../service';
import { describeRefusal, describeWindow } from '../../words';

/** One answer of the operator, and what became of it. */
interface Answer {
  readonly id: number;
  readonly text: string;
  readonly picture: string;
  readonly state: 'sending' | 'sent' | 'unknown' | 'failed';
  readonly note: string;
}

/** Ends the typing sign that shows now. */
let stopTyping: () => void = () => undefined;

Page({
  data: {
    openid: '',
    windowText: '',
    draft: '',
    answers: [] as readonly Answer[],
    busy: false,
  },

  onLoad({ openid = '' }: { openid?: string }) {
    this.setData({ openid: decodeURIComponent(openid) });
    return this.readWindow();
  },

  onUnload() {
    stopTyping();
  },

  async readWindow() {
    const window = await service.window({ touser: this.data.openid });
    this.setData({ windowText: window.ok ? describeWindow(window, Date.now()) : describeRefusal(window) });
  },

  onDraft({ detail }: WechatMiniprogram.Input) {
    this.setData({ draft: detail.value });
  },

  /** While the operator writes, the user sees that an answer is on its way. */
  onFocus() {
    stopTyping();
    const written = new Promise<void>((resolve) => {
      stopTyping = resolve;
    });
    service.withTyping(() => written, { touser: this.data.openid });
  },

  onBlur() {
    stopTyping();
  },

  async onSendText() {
    const content = this.data.draft;
    if (content.trim() === '' || this.data.busy) return;
    this.setData({ draft: '' });
    await this.send({ msgtype: 'text', text: { content } }, { text: content, picture: '' });
  },

  async onSendPicture() {
    if (this.data.busy) return;
    const { openid } = this.data;
    try {
      const picture = await service.withTyping(choosePicture, { touser: openid });
      if (picture === undefined) return;
      await this.send(
        { msgtype: 'image', image: { fileID: picture.fileID } },
        { text: '', picture: picture.path },
      );
    } catch {
      wx.showToast({ title: '图片上传失败', icon: 'none' });
    }
  },

  async send(message: MessageFor, shown: Pick<Answer, 'text' | 'picture'>) {
    const { openid, answers } = this.data;
    const id = answers.length;
    this.setData({ busy: true, answers: [...answers, { ...shown, id, state: 'sending', note: '发送中' }] });
    // Asking for the window is what counts the message: without it, what is left would stay as it was.
    const result = await service.send({ ...message, touser: openid }, { window: true });
    const state = result.ok ? 'sent' : result.code === 'unknown-delivery' ? 'unknown' : 'failed';
    this.setData({
      busy: false,
      answers: this.data.answers.map((answer) =>
        answer.id === id
          ? { ...answer, state, note: result.ok ? '已发送' : describeRefusal(result) }
          : answer,
      ),
      // What was not sent goes back into the field; what may have arrived does not.
      ...(state === 'failed' && shown.text !== '' ? { draft: shown.text } : {}),
    });
    if (result.ok) {
      const known = (await conversations.list()).find((conversation) => conversation.openid === openid);
      await conversations.keep({ openid, name: known?.name ?? '', at: Date.now() });
    }
    if (result.ok && result.window !== undefined)
      this.setData({ windowText: describeWindow(result.window, Date.now()) });
    else await this.readWindow();
  },
});
