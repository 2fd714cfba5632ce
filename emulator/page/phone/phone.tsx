import { useState } from 'preact/hooks';
import { windowRules } from '../../../shared/wechat/reply-window';
import type { Fields } from '../fields';
import { icons } from '../icons';
import { useText } from '../language';
import type { Actions } from '../local-wechat/actions';
import type { EmulatorInfo, Who } from '../local-wechat/api';
import { type LocalWeChat, usersOf } from '../local-wechat/state';
import { Select } from '../select';
import { actTexts, serviceNames, strings, type Text } from '../strings';
import { hourAndMinute } from '../time';
import { useNow } from '../use-now';
import type { OnSay } from './cards';
import { ConversationView } from './conversation';
import { ReplyWindowView } from './reply-window-view';

/** The user's phone: the conversation, what the user can do, and how long the service may still answer. */
export function Phone({ state, actions }: { state: LocalWeChat; actions: Actions }) {
  const t = useText();
  const { who, conversation, info } = state;
  const now = useNow(state.aheadMs);
  const acts = state.acts.filter(({ openid, account }) => openid === who.openid && account === who.account);
  const say: OnSay = (message) => void actions.say(message);

  return (
    <section class="phone-column" aria-label={t(strings.phone)}>
      <div class="phone-choice">
        <h2>{t(strings.phone)}</h2>
        <UserChoice info={info} who={who} onChange={(openid) => actions.setWho({ openid })} />
      </div>
      <div class="phone" data-testid="phone">
        <div class="phone-screen">
          <div class="status-bar" aria-hidden="true">
            <span>{hourAndMinute(now)}</span>
            <span class="status-icons">
              <i class="signal" />
              <i class="battery" />
            </span>
          </div>
          <div class="title-bar">
            <icons.back />
            <h3 data-testid="title" aria-live="polite">
              {conversation?.typing === true ? t(strings.typing) : t(serviceNames[who.account])}
            </h3>
            <icons.dots />
          </div>
          <ConversationView conversation={conversation} acts={acts} now={now} onSay={say} />
          <UserInput state={state} actions={actions} />
        </div>
      </div>
      <ReplyWindowView conversation={conversation} now={now} />
    </section>
  );
}

const newUser = 'new';

function UserChoice(props: { info: EmulatorInfo | undefined; who: Who; onChange: (openid: string) => void }) {
  const t = useText();
  const { info, who, onChange } = props;
  const users = usersOf(info, who);
  const choose = (value: string) => onChange(value === newUser ? nextOpenid(users) : value);
  return (
    <Select
      class="quiet"
      label={t(strings.user)}
      value={who.openid}
      options={[...users, { value: newUser, text: t(strings.newUser) }]}
      onChange={choose}
    />
  );
}

/** An openid that nobody has: as long as WeChat's are. */
function nextOpenid(users: readonly string[]): string {
  for (let number = users.length + 1; ; number += 1) {
    const openid = `oKefuCloudUser${String(number).padStart(13, '0')}`;
    if (!users.includes(openid)) return openid;
  }
}

/** Where the user writes, and what a user can do without words. */
function UserInput({ state, actions }: { state: LocalWeChat; actions: Actions }) {
  const t = useText();
  const [text, setText] = useState('');
  const [more, setMore] = useState(false);
  const { who, info } = state;
  const say = async (event: Event) => {
    event.preventDefault();
    if (text.trim() === '') return;
    setText('');
    const said = await actions.say({ MsgType: 'text', Content: text });
    // What was not said stands there again, unless something newer does.
    if (said === undefined) setText((newer) => newer || text);
  };
  // Before the local WeChat has said who it is.
  const isNobody = who.openid === '';
  const acts = Object.keys(windowRules[who.account]).filter(
    (act) => act !== 'message',
  ) as (keyof typeof actTexts)[];

  return (
    <div class="user-input">
      <form onSubmit={(event) => void say(event)}>
        <input
          type="text"
          aria-label={t(strings.sayPlaceholder)}
          placeholder={t(strings.sayPlaceholder)}
          value={text}
          autocomplete="off"
          disabled={isNobody}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        {text.trim() === '' ? (
          <button
            type="button"
            class="round"
            aria-label={t(strings.more)}
            aria-expanded={more}
            onClick={() => setMore(!more)}
          >
            <icons.plus />
          </button>
        ) : (
          <button type="submit" class="say">
            {t(strings.say)}
          </button>
        )}
      </form>
      <div class="user-acts">
        {acts.map((act) => (
          <button type="button" key={act} disabled={isNobody} onClick={() => void actions.act(act)}>
            {t(actTexts[act])}
          </button>
        ))}
        {more &&
          samples(who, info).map(([name, message]) => (
            <button type="button" key={name.en} onClick={() => void actions.say(message)}>
              {t(name)}
            </button>
          ))}
      </div>
    </div>
  );
}

/** Media that the local WeChat has from the start. */
const sampleMediaId = 'MEDIA_ID';

/** What a user can send beside texts. */
function samples({ account }: Who, info: EmulatorInfo | undefined): readonly [Text, Fields][] {
  const picture = `${location.origin}/_emulator/media/${account}/${sampleMediaId}`;
  const image = { MsgType: 'image', PicUrl: picture, MediaId: sampleMediaId };
  if (account === 'official')
    return [
      [strings.sayImage, image],
      [strings.sayVoice, { MsgType: 'voice', MediaId: sampleMediaId, Format: 'amr' }],
      [
        strings.sayLocation,
        {
          MsgType: 'location',
          Location_X: 23.097486,
          Location_Y: 113.32467,
          Scale: 15,
          Label: '广州市海珠区新港中路397号',
        },
      ],
    ];
  const card = {
    MsgType: 'miniprogrampage',
    Title: '我的订单',
    AppId: info?.appids.miniprogram ?? '',
    PagePath: 'pages/order/detail?id=1',
    ThumbUrl: picture,
    ThumbMediaId: sampleMediaId,
  };
  return [
    [strings.sayImage, image],
    [strings.sayCard, card],
  ];
}
