import { newRequestId } from '../../kefu-client';
import { type KindField, type MessageKindName, messageKindNames, messageKinds } from '../../message-kinds';
import { choosePicture, type Picture } from '../../picture';
import { service } from '../../service';
import { describeRefusal } from '../../words';

/** The form of a kind, as it first opens. */
function openForm(kind: MessageKindName) {
  const { fields, picture }: { fields: readonly KindField[]; picture: boolean } = messageKinds[kind];
  return {
    kind,
    fields,
    needsPicture: picture,
    outcome: '',
    failed: false,
    advice: '',
    requestId: newRequestId(),
  };
}

Page({
  data: {
    kinds: messageKindNames.map((name) => ({ name, label: messageKinds[name].label })),
    ...openForm('text'),
    picture: null as Picture | null,
    busy: false,
  },

  onKind({ currentTarget }: WechatMiniprogram.CustomEvent) {
    this.setData(openForm(currentTarget.dataset['kind'] as MessageKindName));
  },

  onField({ currentTarget, detail }: WechatMiniprogram.Input) {
    const name: unknown = currentTarget.dataset['name'];
    this.setData({
      fields: this.data.fields.map((field) =>
        field.name === name ? { ...field, value: detail.value } : field,
      ),
      requestId: newRequestId(),
    });
  },

  onPicture() {
    return this.whileBusy(async () => {
      const picture = await choosePicture();
      if (picture !== undefined) this.setData({ picture, requestId: newRequestId() });
    });
  },

  onSend() {
    return this.whileBusy(async () => {
      const { kind, fields, needsPicture, picture, requestId } = this.data;
      if (needsPicture && picture === null) {
        this.setData({ outcome: '请先选择图片', failed: true, advice: '' });
        return;
      }
      const filled: { [name: string]: string } = {};
      for (const { name, value } of fields) filled[name] = value;
      const message = messageKinds[kind].toMessage(filled, picture?.fileID ?? 'cloud://');
      const result = await service.send(message, { requestId, window: true });
      // The same form with the same id is one message, however often it is tapped; the next one is another.
      if (result.ok || !result.retryable) this.setData({ requestId: newRequestId() });
      this.setData(
        result.ok
          ? { outcome: '已发送，请到客服会话中查看', failed: false, advice: '' }
          : { outcome: describeRefusal(result), failed: true, advice: result.advice },
      );
    });
  },

  /** Does one thing at a time: a second tap on a slow phone sends nothing twice. */
  async whileBusy(work: () => Promise<void>) {
    if (this.data.busy) return;
    this.setData({ busy: true, outcome: '', failed: false, advice: '' });
    try {
      await work();
    } catch (error) {
      const { errMsg } = error as { errMsg?: string };
      this.setData({ outcome: errMsg ?? String(error), failed: true });
    } finally {
      this.setData({ busy: false });
    }
  },
});
