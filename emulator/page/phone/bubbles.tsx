import type { ComponentChild } from 'preact';
import type { MessageTypeName } from '../../../shared/wechat/messages/message-types';
import type { Fields } from '../fields';
import { icons } from '../icons';
import { strings } from '../strings';
import {
  ArticleById,
  CardLink,
  CouponCard,
  ImageBubble,
  MiniprogramCard,
  type OnSay,
  TextBubble,
  TextLines,
  VideoBubble,
  VoiceBubble,
} from './cards';
import { NoticeCard } from './notice-card';
import { Picture } from './picture';

export interface BubbleProps {
  /** From the service: the object under the type's own name. From the user: the push. Read with care: it may hold anything. */
  readonly body: Fields;
  /** Addresses by media id. */
  readonly media: { readonly [mediaId: string]: string };
  readonly onSay: OnSay;
}

/** How one kind of message looks. */
export type Bubble = (props: BubbleProps) => ComponentChild;

/** How each message type from the service looks. A type without a row does not compile. */
export const bubbles = {
  text: ({ body, onSay }) => <TextBubble text={read(body, 'content')} onSay={onSay} />,

  image: ({ body, media }) => <ImageBubble source={mediaOf(body, media, 'media_id')} />,

  voice: ({ body, media }) => <VoiceBubble source={mediaOf(body, media, 'media_id')} />,

  video: ({ body, media }) => (
    <VideoBubble
      source={mediaOf(body, media, 'media_id')}
      thumb={mediaOf(body, media, 'thumb_media_id')}
      title={read(body, 'title')}
      description={read(body, 'description')}
    />
  ),

  music: ({ body, media }) => (
    <CardLink href={read(body, 'musicurl') || read(body, 'hqmusicurl')} class="music">
      <div class="card-text">
        <strong>{read(body, 'title')}</strong>
        <span>{read(body, 'description')}</span>
      </div>
      <div class="thumb playable">
        <Picture source={mediaOf(body, media, 'thumb_media_id')} alt="" />
        <icons.play />
      </div>
    </CardLink>
  ),

  news: ({ body }) => (
    <div class="news">
      {readList(body, 'articles').map((article, index) => (
        <CardLink href={read(article, 'url')} class="article" key={index}>
          <Picture source={read(article, 'picurl')} alt="" />
          <div class="card-text">
            <strong>{read(article, 'title')}</strong>
            <span>{read(article, 'description')}</span>
          </div>
        </CardLink>
      ))}
    </div>
  ),

  mpnews: ({ body }) => <ArticleById name={strings.article} id={read(body, 'media_id')} />,

  mpnewsarticle: ({ body }) => <ArticleById name={strings.publishedArticle} id={read(body, 'article_id')} />,

  msgmenu: ({ body, onSay }) => (
    <div class="bubble menu">
      <TextLines text={read(body, 'head_content')} onSay={onSay} />
      <ul>
        {readList(body, 'list').map((item) => (
          <li key={read(item, 'id')}>
            <button
              type="button"
              class="link"
              onClick={() =>
                onSay({ MsgType: 'text', Content: read(item, 'content'), bizmsgmenuid: read(item, 'id') })
              }
            >
              {read(item, 'content')}
            </button>
          </li>
        ))}
      </ul>
      <TextLines text={read(body, 'tail_content')} onSay={onSay} />
    </div>
  ),

  wxcard: ({ body }) => <CouponCard cardId={read(body, 'card_id')} />,

  miniprogrampage: ({ body, media }) => (
    <MiniprogramCard
      title={read(body, 'title')}
      appid={read(body, 'appid')}
      path={read(body, 'pagepath')}
      thumb={mediaOf(body, media, 'thumb_media_id')}
    />
  ),

  link: ({ body }) => (
    <CardLink href={read(body, 'url')} class="link-card">
      <strong>{read(body, 'title')}</strong>
      <div class="link-card-row">
        <span>{read(body, 'description')}</span>
        <div class="thumb">
          <Picture source={read(body, 'thumb_url')} alt="" />
        </div>
      </div>
    </CardLink>
  ),
} as const satisfies Record<MessageTypeName, Bubble>;

/** How the messages look that are no customer-service messages, and whose payload has no body of its own. */
export const noticeBubbles = {
  template: ({ body }) => <NoticeCard name={strings.templateMessage} payload={body} />,
  subscribe: ({ body }) => <NoticeCard name={strings.subscribeMessage} payload={body} />,
} as const satisfies Record<string, Bubble>;

/** How what a user writes looks. */
export const userBubbles = {
  text: ({ body }) => <div class="bubble">{read(body, 'Content')}</div>,
  image: ({ body, media }) => (
    <ImageBubble source={mediaOf(body, media, 'MediaId') ?? read(body, 'PicUrl')} />
  ),
  voice: ({ body, media }) => <VoiceBubble source={mediaOf(body, media, 'MediaId')} />,
  location: ({ body }) => (
    <div class="bubble location">
      <icons.place /> {read(body, 'Label')}{' '}
      <small>
        {read(body, 'Location_X')}, {read(body, 'Location_Y')}
      </small>
    </div>
  ),
  miniprogrampage: ({ body, media }) => (
    <MiniprogramCard
      title={read(body, 'Title')}
      appid={read(body, 'AppId')}
      path={read(body, 'PagePath')}
      thumb={mediaOf(body, media, 'ThumbMediaId') ?? read(body, 'ThumbUrl')}
    />
  ),
} as const satisfies Record<string, Bubble>;

/** A field's text; empty where it has none. */
function read(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

function readList(fields: Fields, name: string): readonly Fields[] {
  const value = fields[name];
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'object' && entry !== null) : [];
}

function mediaOf(body: Fields, media: BubbleProps['media'], field: string): string | undefined {
  const mediaId = read(body, field);
  return Object.hasOwn(media, mediaId) ? media[mediaId] : undefined;
}
