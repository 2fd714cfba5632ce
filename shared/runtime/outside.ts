import type { Outside } from '../functions/answer/answer';
import { recallSaid } from '../functions/conversations/recall';
import type { UserCollection } from '../functions/rules/turn';
import { modelOf } from './model/model';
import { credentials, database, sdk } from './sdk';

/** What answers by code and by a model reach: a model, the environment's other functions, its database. */
export const outside: Outside = {
  askModel: (settings) => modelOf(settings, credentials),
  callFunction: async (name, data) => (await sdk().callFunction({ name, data })).result,
  // The SDK's own collection, of which the answer sees the usual part.
  collection: (name) => database().collection(name) as unknown as UserCollection,
  history: recallSaid,
};
