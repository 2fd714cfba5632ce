import { callDesk, deskWords } from '../desk-client';
import type { Canned, DeskRefusal } from '../model/contract';
import { describeDeskRefusal } from '../words';

const words = deskWords();
const t = words.page;

const blank = { id: '', title: '', text: '' };

Page({
  data: {
    t,
    name: '',
    canned: [] as readonly Canned[],
    /** What the form has; without an id it is a new one. */
    form: blank,
    busy: false,
    isRead: false,
    wrong: '',
  },

  async onLoad() {
    await this.read();
  },

  onReady() {
    wx.setNavigationBarTitle({ title: words.settings });
  },

  async read() {
    const [canned, list] = await Promise.all([callDesk('canned', {}), callDesk('list', { limit: 1 })]);
    if (list.ok) this.setData({ name: list.me.name });
    else this.refuse(list);
    if (canned.ok) this.setData({ canned: canned.canned, isRead: true, wrong: '' });
    else this.refuse(canned);
  },

  refuse(refusal: DeskRefusal) {
    this.setData({ wrong: describeDeskRefusal(refusal, words) });
  },

  onName({ detail }: WechatMiniprogram.Input) {
    this.setData({ name: detail.value });
  },

  async onSaveName() {
    const name = this.data.name.trim();
    if (name === '') return;
    const answer = await callDesk('team', { name });
    if (!answer.ok) return this.refuse(answer);
    this.setData({ wrong: '' });
    wx.showToast({ title: t.saved, icon: 'none' });
  },

  onTitle({ detail }: WechatMiniprogram.Input) {
    this.setData({ form: { ...this.data.form, title: detail.value } });
  },

  onText({ detail }: WechatMiniprogram.Input) {
    this.setData({ form: { ...this.data.form, text: detail.value } });
  },

  onEdit({ currentTarget }: WechatMiniprogram.CustomEvent) {
    const found = this.data.canned.find(({ id }) => id === currentTarget.dataset['id']);
    if (found !== undefined) this.setData({ form: found });
  },

  onCancel() {
    this.setData({ form: blank });
  },

  async onSave() {
    const { id, title, text } = this.data.form;
    if (title.trim() === '' || text.trim() === '' || this.data.busy) return;
    this.setData({ busy: true });
    const answer = await callDesk('canned', { save: id === '' ? { title, text } : { id, title, text } });
    this.setData({ busy: false });
    // What was not saved stays in the form.
    if (answer.ok) this.setData({ canned: answer.canned, form: blank, wrong: '' });
    else this.refuse(answer);
  },

  async onRemove({ currentTarget }: WechatMiniprogram.CustomEvent) {
    const { confirm } = await wx.showModal({
      content: t.removed,
      confirmText: t.remove,
      cancelText: t.cancel,
    });
    if (!confirm) return;
    const answer = await callDesk('canned', { remove: String(currentTarget.dataset['id']) });
    if (answer.ok) this.setData({ canned: answer.canned, wrong: '' });
    else this.refuse(answer);
  },

  onRetry() {
    return this.read();
  },
});
