import type { ComponentChild } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { icons } from '../icons';
import { useText } from '../language';
import { strings, type Text } from '../strings';
import { Picture } from './picture';
import { isWebAddress, parseRichText, type RichPart } from './rich-text';

/** Says something as the user. */
export type OnSay = (message: { readonly [field: string]: unknown }) => void;

interface TextProps {
  readonly text: string;
  readonly onSay: OnSay;
}

/** A text of its own. */
export function TextBubble(props: TextProps) {
  return (
    <div class="bubble">
      <TextLines {...props} />
    </div>
  );
}

/** A text with its links, its line breaks kept. */
export function TextLines({ text, onSay }: TextProps) {
  return (
    <>
      {parseRichText(text).map((part, index) => (
        <Part part={part} onSay={onSay} key={index} />
      ))}
    </>
  );
}

function Part({ part, onSay }: { part: RichPart; onSay: OnSay }) {
  const t = useText();
  switch (part.kind) {
    case 'text':
      return <>{part.text}</>;
    case 'link':
      return (
        <a href={part.href} target="_blank" rel="noopener noreferrer">
          {part.text}
        </a>
      );
    case 'miniprogram':
      return (
        <span
          class="miniprogram-link"
          title={t(strings.opensMiniprogram, { appid: part.appid, path: part.path })}
        >
          {part.text}
        </span>
      );
    case 'menu':
      return (
        <button
          type="button"
          class="link"
          onClick={() => onSay({ MsgType: 'text', Content: part.content, bizmsgmenuid: part.id })}
        >
          {part.text}
        </button>
      );
  }
}

/** A picture of its own. */
export function ImageBubble({ source }: { source: string | undefined }) {
  const t = useText();
  return (
    <div class="image">
      <Picture source={source} alt={t(strings.picture)} />
    </div>
  );
}

/** A sound: a press plays it. */
export function VoiceBubble({ source }: { source: string | undefined }) {
  const t = useText();
  const audio = useRef<HTMLAudioElement | undefined>(undefined);
  const [failed, setFailed] = useState(source === undefined);
  const play = () => {
    audio.current ??= new Audio(source);
    audio.current.play().catch(() => setFailed(true));
  };
  return (
    <button type="button" class="bubble voice" onClick={play} disabled={failed} aria-label={t(strings.voice)}>
      <icons.wave />
      <span>{failed ? t(strings.cannotPlay) : t(strings.voice)}</span>
    </button>
  );
}

interface VideoProps {
  readonly source: string | undefined;
  readonly thumb: string | undefined;
  readonly title: string;
  readonly description: string;
}

/** A film: its thumb, then, after a press, the film. */
export function VideoBubble({ source, thumb, title, description }: VideoProps) {
  const t = useText();
  const [state, setState] = useState<'still' | 'playing' | 'failed'>('still');
  return (
    <div class="video card">
      {state === 'playing' && source !== undefined ? (
        // biome-ignore lint/a11y/useMediaCaption: WeChat's films have none
        <video src={source} controls autoplay onError={() => setState('failed')} />
      ) : (
        <button
          type="button"
          class="playable"
          disabled={state === 'failed' || source === undefined}
          aria-label={t(strings.play)}
          onClick={() => setState('playing')}
        >
          <Picture source={thumb} alt="" />
          <icons.play />
        </button>
      )}
      <div class="card-text">
        <strong>{title}</strong>
        <span>{state === 'failed' ? t(strings.cannotPlay) : description}</span>
      </div>
    </div>
  );
}

/** A page of a mini program. */
export function MiniprogramCard(props: {
  title: string;
  appid: string;
  path: string;
  thumb: string | undefined;
}) {
  const t = useText();
  const { title, appid, path, thumb } = props;
  return (
    <div class="card miniprogram" title={t(strings.opensMiniprogram, { appid, path })}>
      <strong>{title}</strong>
      <Picture source={thumb} alt="" />
      <div class="card-foot">
        <icons.miniprogram />
        {t(strings.miniprogram)}
        <code>{path}</code>
      </div>
    </div>
  );
}

/** An article that only an id tells of. */
export function ArticleById({ name, id }: { name: Text; id: string }) {
  const t = useText();
  return (
    <div class="card article">
      <Picture source={undefined} alt="" />
      <div class="card-text">
        <strong>{t(name)}</strong>
        <code>{id}</code>
      </div>
    </div>
  );
}

/** A coupon that only an id tells of. */
export function CouponCard({ cardId }: { cardId: string }) {
  const t = useText();
  return (
    <div class="card coupon">
      <icons.ticket />
      <div class="card-text">
        <strong>{t(strings.coupon)}</strong>
        <code>{cardId}</code>
      </div>
    </div>
  );
}

/** A card that leads to a web address; without one it leads nowhere. */
export function CardLink(props: {
  href: string;
  class: string;
  children: ComponentChild | ComponentChild[];
}) {
  const { href, children } = props;
  const className = `card ${props.class}`;
  return isWebAddress(href) ? (
    <a class={className} href={href} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  ) : (
    <div class={className}>{children}</div>
  );
}
