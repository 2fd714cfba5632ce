import { type Change, mapFields } from '../fields/map-fields';
import type { PlainObject } from '../fields/values';
import type { MediaType } from '../media';
import type { PictureSize } from '../picture-size';
import { type Message, type MessageTypes, messageTypes } from './message-types';

/** A file in cloud storage that stands in a message where a media id must. */
export interface MessageFile {
  /** The field of the body that it stands in: `thumb_media_id`, or `list[0].media_id`. */
  readonly field: string;
  readonly fileID: string;
  /** The type under which WeChat must get it. */
  readonly type: MediaType;
  /** The size that a picture should have. */
  readonly advised?: PictureSize | undefined;
}

/** The `cloud://` files in a message, in the order of its fields. */
export function filesIn(message: Message, types?: MessageTypes): MessageFile[] {
  const files: MessageFile[] = [];
  mapBody(message, types, (field, value, at) => {
    if (field.kind === 'media' && typeof value === 'string' && value.startsWith('cloud://'))
      files.push({ field: at, fileID: value, type: field.media, advised: field.advised });
    return value;
  });
  return files;
}

/** The message with media ids in the named fields of its body. */
export function withMediaIds(
  message: Message,
  mediaIds: { readonly [field: string]: string },
  types?: MessageTypes,
): Message {
  const body = mapBody(message, types, (_field, value, at) => mediaIds[at] ?? value);
  return { ...message, [message.msgtype]: body };
}

function mapBody(message: Message, types: MessageTypes = messageTypes, change: Change): PlainObject {
  const body = (message as unknown as Record<string, PlainObject>)[message.msgtype] ?? {};
  return mapFields(types[message.msgtype]?.body ?? {}, body, 'https', change);
}
