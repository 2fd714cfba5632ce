/**
 * Which conversations the operator's page shows.
 *
 * A mini program is not told who writes to it: that reaches the cloud as a push. This source therefore keeps, on the
 * operator's phone, the openids that were entered or answered. A source that reads them from the cloud has the same
 * three functions and takes its place in the last line; the pages know only {@link ConversationSource}.
 */

/** One user, as the operator sees it. */
export interface Conversation {
  readonly openid: string;
  /** What the operator calls the user; empty where there is no name. */
  readonly name: string;
  /** When it was last touched, in milliseconds since 1970. */
  readonly at: number;
}

export interface ConversationSource {
  /** Newest first. */
  list(): Promise<readonly Conversation[]>;
  /** Adds a conversation, or brings it to the top. */
  keep(conversation: Conversation): Promise<void>;
  remove(openid: string): Promise<void>;
}

const storageKey = 'kefu-conversations';
const most = 50;

function isConversation(value: unknown): value is Conversation {
  const { openid, name, at } = (value ?? {}) as { [field: string]: unknown };
  return typeof openid === 'string' && typeof name === 'string' && typeof at === 'number';
}

/** Conversations in the phone's own storage. */
const storedConversations: ConversationSource = {
  async list() {
    const stored: unknown = wx.getStorageSync(storageKey);
    return Array.isArray(stored) ? stored.filter(isConversation) : [];
  },
  async keep(conversation) {
    const others = (await this.list()).filter(({ openid }) => openid !== conversation.openid);
    wx.setStorageSync(storageKey, [conversation, ...others].slice(0, most));
  },
  async remove(openid) {
    wx.setStorageSync(
      storageKey,
      (await this.list()).filter((conversation) => conversation.openid !== openid),
    );
  },
};

export const conversations: ConversationSource = storedConversations;
