import { desk } from '../desk';
import { callDesk, deskWords } from '../desk-client';
import { readDraft, writeDraft } from '../drafts';
import { chooseFile, kindOfFile, uploadFile } from '../files';
import { changedOf } from '../model/changed';
import type { Agent, Canned, DeskRefusal } from '../model/contract';
import { serverNow } from '../model/desk-state';
import { clockTime } from '../model/format';
import { threadHead, threadRows, toRepeat } from '../model/views';
import { describeDeskRefusal } from '../words';

const words = deskWords();
const t = words.page;

/** How long a colleague who asked for nothing still counts as being there: the desk asks at least every ten seconds. */
const hereMs = 60_000;

/** What each conversation on the screen ends with. */
const ends = new WeakMap<object, () => void>();

/** What the component shows of what the desk knows. */
function view(id: string) {
  const { state, status } = desk;
  const now = serverNow(state, Date.now());
  const conversation = state.conversations[id];
  // A row keeps its place's name when older ones come before it: the thread stays where it is then.
  const rows = threadRows(state, id, words, now).map((row) => ({
    ...row,
    place: `said-${row.key.replace(/[^\w-]/g, '-')}`,
  }));
  return {
    rows,
    last: rows[rows.length - 1]?.place ?? '',
    hasOlder: state.threads[id]?.before !== undefined,
    isRead: state.threads[id] !== undefined,
    offline: status.offline,
    head: conversation === undefined ? null : threadHead(conversation, state, words, now),
    account: conversation?.account ?? ('miniprogram' as const),
  };
}

function tellRefusal(refusal: DeskRefusal) {
  const who = refusal.agentName ?? refusal.agent;
  const title =
    refusal.code === 'taken' && who !== undefined
      ? `${t.takenBy}${who}`
      : describeDeskRefusal(refusal, words);
  wx.showToast({ title, icon: 'none' });
}

Component({
  options: { styleIsolation: 'apply-shared' },

  properties: {
    conversationId: { type: String, value: '' },
  },

  data: {
    t,
    ...view(''),
    /** The conversation that is on the screen: drafts are written to this one. */
    shown: '',
    draft: '',
    isNote: false,
    popup: '' as '' | 'canned' | 'team',
    canned: [] as readonly Canned[],
    team: [] as readonly (Agent & { readonly seen: string })[],
    playing: '',
    busy: '',
    wrong: '',
  },

  observers: {
    conversationId(id: string) {
      // What the component begins with is opened when it is there.
      if (this.data.shown !== '' && this.data.shown !== id) this.enter(id);
    },
  },

  lifetimes: {
    attached() {
      const unsubscribe = desk.subscribe(() => this.draw());
      // What is left of the window is counted down.
      const clock = setInterval(() => this.draw(), 1000);
      const audio = wx.createInnerAudioContext();
      audio.onEnded(() => this.setData({ playing: '' }));
      audio.onError(() => {
        this.setData({ playing: '' });
        wx.showToast({ title: t.cannotPlay, icon: 'none' });
      });
      players.set(this, audio);
      ends.set(this, () => {
        unsubscribe();
        clearInterval(clock);
        audio.destroy();
        desk.leave(this.data.shown);
      });
      this.enter(this.data.conversationId);
    },
    detached() {
      ends.get(this)?.();
    },
  },

  methods: {
    async enter(id: string) {
      if (id === '') return;
      desk.leave(this.data.shown);
      this.setData({
        shown: id,
        draft: readDraft(id),
        isNote: false,
        popup: '',
        wrong: '',
        playing: '',
        ...view(id),
      });
      const refusal = await desk.open(id);
      if (this.data.shown !== id) return;
      if (refusal !== undefined && refusal.code !== 'offline')
        this.setData({ wrong: describeDeskRefusal(refusal, words) });
      this.draw();
    },

    draw() {
      const next = view(this.data.shown);
      const changed = changedOf(this.data, next);
      if (Object.keys(changed).length > 0) this.setData(changed);
    },

    onOlder() {
      return desk.older(this.data.shown);
    },

    async onClaim() {
      const answer = await desk.act('claim', { id: this.data.shown });
      if (!answer.ok) tellRefusal(answer);
    },

    async onTeam() {
      this.setData({ popup: 'team' });
      const answer = await callDesk('team', {});
      if (!answer.ok) return tellRefusal(answer);
      const now = serverNow(desk.state, Date.now());
      const team = answer.agents
        .filter(({ openid }) => openid !== desk.state.me.openid)
        .map((agent) => ({
          ...agent,
          seen:
            agent.seenAt === 0
              ? t.never
              : now - agent.seenAt < hereMs
                ? t.online
                : `${t.away} ${clockTime(agent.seenAt, now)}`,
        }));
      this.setData({ team });
    },

    async onRelease({ currentTarget }: WechatMiniprogram.CustomEvent) {
      this.setData({ popup: '' });
      const to = String(currentTarget.dataset['to']);
      const answer = await desk.act('release', { id: this.data.shown, to });
      if (!answer.ok) tellRefusal(answer);
    },

    async onClose() {
      const { shown: id, account } = this.data;
      // Only an official account has the menu that the question is asked with.
      const itemList = account === 'official' ? [t.close, t.closeAsk] : [t.close];
      const chosen = await wx
        .showActionSheet({ itemList })
        .then(({ tapIndex }) => tapIndex)
        // The operator closed the sheet.
        .catch(() => -1);
      if (chosen === -1) return;
      const answer = await desk.act('close', chosen === 1 ? { id, ask: true } : { id });
      if (!answer.ok) tellRefusal(answer);
      else if (answer.asked === false) wx.showToast({ title: t.notAsked, icon: 'none' });
    },

    onMode() {
      this.setData({ isNote: !this.data.isNote });
    },

    onDraft({ detail }: WechatMiniprogram.Input) {
      desk.touch();
      this.setData({ draft: detail.value });
      writeDraft(this.data.shown, detail.value);
    },

    async onSend() {
      const { draft, shown, isNote, busy } = this.data;
      if (draft.trim() === '' || busy !== '') return;
      if (isNote) {
        this.setData({ busy: 'note' });
        const answer = await desk.note(shown, draft);
        this.setData({ busy: '' });
        if (!answer.ok) return tellRefusal(answer);
        this.clear(shown, draft);
        return;
      }
      if (!this.data.head?.may.say) return;
      // From here on it stands in the thread, whatever becomes of it.
      this.clear(shown, draft);
      await desk.say(shown, { msgtype: 'text', text: { content: draft } });
    },

    /** The draft is empty again, but for what was typed in the meantime. */
    clear(id: string, sent: string) {
      if (readDraft(id) === sent || this.data.draft === sent) writeDraft(id, '');
      if (this.data.shown === id && this.data.draft === sent) this.setData({ draft: '' });
    },

    async onFile({ currentTarget }: WechatMiniprogram.CustomEvent) {
      const { shown, account, busy } = this.data;
      if (busy !== '') return;
      const path = await chooseFile(currentTarget.dataset['from'] === 'chat' ? 'chat' : 'album');
      if (path === undefined) return;
      const kind = kindOfFile(path, account);
      if (kind === undefined) {
        wx.showToast({ title: t.wrongFile, icon: 'none' });
        return;
      }
      this.setData({ busy: 'file' });
      try {
        const message = await uploadFile(path, kind);
        this.setData({ busy: '' });
        await desk.say(shown, message);
      } catch {
        this.setData({ busy: '' });
        wx.showToast({ title: t.uploadFailed, icon: 'none' });
      }
    },

    onAgain({ currentTarget }: WechatMiniprogram.CustomEvent) {
      const { shown } = this.data;
      const outgoing = toRepeat(desk.state, shown, String(currentTarget.dataset['key']));
      return outgoing === undefined ? undefined : desk.again(shown, outgoing);
    },

    async onDrop({ currentTarget }: WechatMiniprogram.CustomEvent) {
      const { confirm } = await wx.showModal({
        content: t.dropped,
        confirmText: t.drop,
        cancelText: t.cancel,
      });
      if (confirm) desk.drop(this.data.shown, String(currentTarget.dataset['key']));
    },

    async onCanned() {
      this.setData({ popup: 'canned' });
      const answer = await callDesk('canned', {});
      if (answer.ok) this.setData({ canned: answer.canned });
      else tellRefusal(answer);
    },

    onInsert({ currentTarget }: WechatMiniprogram.CustomEvent) {
      const found = this.data.canned.find(({ id }) => id === currentTarget.dataset['id']);
      if (found === undefined) return;
      const draft = this.data.draft + found.text;
      this.setData({ popup: '', draft });
      writeDraft(this.data.shown, draft);
    },

    onPopup({ detail }: WechatMiniprogram.CustomEvent<{ visible: boolean }>) {
      if (!detail.visible) this.setData({ popup: '' });
    },

    /** The whole picture, place or address. */
    onBubble({ currentTarget }: WechatMiniprogram.CustomEvent) {
      const row = this.data.rows.find(({ key }) => key === currentTarget.dataset['key']);
      if (row === undefined) return;
      const { kind, file, url, title, latitude, longitude } = row.bubble;
      if (kind === 'image' && (file || url)) wx.previewImage({ urls: [file || url] });
      if (kind === 'voice') this.play(row.key, file);
      if (kind === 'location') wx.openLocation({ latitude, longitude, name: title });
      if (kind === 'card' && url !== '') wx.setClipboardData({ data: url });
    },

    play(key: string, file: string) {
      const audio = players.get(this);
      if (audio === undefined) return;
      if (this.data.playing === key) {
        audio.stop();
        this.setData({ playing: '' });
        return;
      }
      if (file === '') {
        wx.showToast({ title: t.cannotPlay, icon: 'none' });
        return;
      }
      audio.src = file;
      audio.play();
      this.setData({ playing: key });
    },
  },
});

const players = new WeakMap<object, WechatMiniprogram.InnerAudioContext>();
