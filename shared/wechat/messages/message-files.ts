import type { Field, Fields } from '../fields/fields';
import type { PlainObject } from '../fields/parse-fields';
import type { MediaType } from '../media';
import { type Message, messageTypes } from './message-types';

/** A file in cloud storage that stands in a message where a media id must. */
export interface MessageFile {
  /** The field of the body that it stands in, `thumb_media_id` say. */
  readonly field: string;
  readonly fileID: string;
  /** The type under which WeChat must get it. */
  readonly type: MediaType;
}

/** The `cloud://` files in a message, in the order of its fields. */
export function filesIn(message: Message): MessageFile[] {
  const body = bodyOf(message);
  return Object.entries(fieldsOf(message)).flatMap(([name, field]: [string, Field]) => {
    const value = body[name];
    return field.kind === 'media' && typeof value === 'string' && value.startsWith('cloud://')
      ? [{ field: name, fileID: value, type: field.media }]
      : [];
  });
}

/** The message with media ids in the named fields of its body. */
export function withMediaIds(message: Message, mediaIds: { readonly [field: string]: string }): Message {
  return { ...message, [message.msgtype]: { ...bodyOf(message), ...mediaIds } } as Message;
}

function fieldsOf(message: Message): Fields {
  return messageTypes[message.msgtype].body;
}

function bodyOf(message: Message): PlainObject {
  return (message as unknown as Record<string, PlainObject>)[message.msgtype] ?? {};
}
