import { render } from 'preact';
import { Composer } from './composer/composer';
import { icons } from './icons';
import { LanguageContext, useLanguage, useText } from './language';
import type { ApiError } from './local-wechat/api';
import type { LocalWeChat } from './local-wechat/state';
import { useLocalWeChat } from './local-wechat/use-local-wechat';
import { Phone } from './phone/phone';
import { SecondPhone } from './phone/second-phone';
import { Platform } from './platform/platform';
import { Records } from './records';
import { type Language, languageTags, strings } from './strings';
import { plusTime, timeOfDay } from './time';
import { useNow } from './use-now';

function App() {
  const [language, setLanguage] = useLanguage();
  const [state, actions] = useLocalWeChat();
  return (
    <LanguageContext.Provider value={language}>
      <TopBar state={state} language={language} onLanguage={setLanguage} />
      {state.problem !== undefined && <Problem problem={state.problem} onClose={actions.dismiss} />}
      <main>
        <Phone state={state} actions={actions} />
        <SecondPhone state={state} actions={actions} />
        <div class="middle">
          <Composer state={state} actions={actions} />
          <Platform state={state} actions={actions} />
        </div>
        <Records state={state} actions={actions} />
      </main>
      <Panes hasSecondPhone={state.info?.miniProgram === true} />
    </LanguageContext.Provider>
  );
}

/** The parts of the page, and where each begins. */
const panes = [
  { text: strings.phonePane, part: '.phone-column' },
  { text: strings.secondPhone, part: '.second-phone' },
  { text: strings.composer, part: '.middle' },
  { text: strings.records, part: '.records' },
] as const;

/** On a narrow screen the parts stand below one another: a bar that goes to each. */
function Panes({ hasSecondPhone }: { hasSecondPhone: boolean }) {
  const t = useText();
  const shown = panes.filter(({ part }) => hasSecondPhone || part !== '.second-phone');
  return (
    <nav class="panes" aria-label={t(strings.panes)}>
      {shown.map(({ text, part }) => (
        <button type="button" key={part} onClick={() => document.querySelector(part)?.scrollIntoView()}>
          {t(text)}
        </button>
      ))}
    </nav>
  );
}

interface TopBarProps {
  readonly state: LocalWeChat;
  readonly language: Language;
  readonly onLanguage: (language: Language) => void;
}

function TopBar({ state, language, onLanguage }: TopBarProps) {
  const t = useText();
  const now = useNow(state.aheadMs);
  const other: Language = language === 'zh' ? 'en' : 'zh';
  return (
    <header class="top-bar">
      <span class="logo">
        <icons.chat />
      </span>
      <h1>
        kefu-cloud <small>{t(strings.subtitle)}</small>
      </h1>
      <span class={state.online ? 'status online' : 'status'} role="status">
        {t(state.online ? strings.online : strings.offline)}
      </span>
      <span class="emulator-time" title={t(strings.emulatorTime)}>
        {timeOfDay(now)}
        {state.aheadMs > 1000 && <em>{plusTime(state.aheadMs)}</em>}
      </span>
      <button
        type="button"
        class="quiet"
        lang={languageTags[other]}
        aria-label={t(strings.switchLanguage)}
        onClick={() => onLanguage(other)}
      >
        {t(strings.otherLanguage)}
      </button>
    </header>
  );
}

function Problem({ problem, onClose }: { problem: ApiError; onClose: () => void }) {
  const t = useText();
  return (
    <div class="alert" role="alert">
      {problem.status === undefined
        ? t(strings.unreachable)
        : t(strings.failedRequest, { error: problem.message })}
      <button type="button" class="quiet" aria-label={t(strings.close)} onClick={onClose}>
        <icons.close />
      </button>
    </div>
  );
}

const root = document.getElementById('app');
if (root !== null) render(<App />, root);
