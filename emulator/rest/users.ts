import { windowRules } from '../../shared/wechat/reply-window';
import { actEvents, userMessages } from '../wechat/user-acts';
import { accountOf, openidOf, type Routes, readBody, refuse } from './route';

/** What a user does, and sees. */
export const userRoutes = {
  async 'POST /users/:openid/say'(context, { world, pusher, log }) {
    const body = await readBody(context);
    const account = accountOf(context);
    if (account === undefined) return refuse(context, 'account must be miniprogram or official');
    if (body === undefined || (body['MsgType'] === undefined && body['Content'] === undefined))
      return refuse(context, 'needs what WeChat pushes: {"MsgType": "text", "Content": "…"}');
    const { MsgType = 'text' } = body;
    const kind = userMessages[String(MsgType)];
    if (kind === undefined)
      return refuse(context, `MsgType must be one of ${Object.keys(userMessages).join(', ')}`);
    const wrong = Object.entries(kind.needs).find(([field, type]) => typeof body[field] !== type);
    if (wrong !== undefined) return refuse(context, `${wrong[0]} must be a ${wrong[1]}`);
    const openid = openidOf(context);
    const said = world.say(account, openid, { MsgType, ...body });
    const pictureUrl = world.mediaUrl(account, String(body['MediaId'] ?? 'MEDIA_ID'));
    void pusher?.push(account, openid, { MsgType, ...kind.adds(pictureUrl), ...body }, log.seq);
    return said;
  },

  'POST /users/:openid/enter'(context, { world, pusher, log }) {
    const account = accountOf(context);
    if (account !== 'miniprogram') return refuse(context, 'only a mini program has a session to enter');
    const openid = openidOf(context);
    world.act(account, openid, 'enter');
    void pusher?.push(account, openid, actEvents.enter, log.seq);
    return world.conversation(account, openid);
  },

  async 'POST /users/:openid/act'(context, { world, pusher, log }) {
    const account = accountOf(context);
    const { act, ...fields } = (await readBody(context)) ?? {};
    const acts = Object.keys(windowRules[account ?? 'miniprogram']).filter((name) => name !== 'message');
    if (account === undefined || typeof act !== 'string' || !acts.includes(act)) {
      return refuse(context, `act must be one of ${acts.join(', ')}`);
    }
    const known = act as keyof typeof actEvents;
    const openid = openidOf(context);
    world.act(account, openid, known);
    const event = actEvents[known];
    if (event !== undefined) void pusher?.push(account, openid, { ...event, ...fields }, log.seq);
    return world.conversation(account, openid);
  },

  async 'POST /users/:openid/push'(context, { world, pusher }) {
    const body = await readBody(context);
    const account = accountOf(context);
    if (account === undefined || typeof body?.['MsgType'] !== 'string') {
      return refuse(context, 'needs the fields of a push, {MsgType, …}, and an account it knows');
    }
    const openid = openidOf(context);
    world.meet(account, openid);
    await pusher?.push(account, openid, body);
    return world.conversation(account, openid);
  },

  async 'POST /users/:openid/subscribe'(context, { world }) {
    const { template_id: templateId, times = 1 } = (await readBody(context)) ?? {};
    const known = world.templates.list().filter(({ account }) => account === 'miniprogram');
    const ids = known.map((template) => template.template_id);
    if (!ids.some((id) => id === templateId) || !(Number.isInteger(times) && Number(times) > 0)) {
      return refuse(context, `needs {template_id, times?}; templates: ${ids.join(', ')}`);
    }
    world.meet('miniprogram', openidOf(context));
    world.subscribe(openidOf(context), String(templateId), Number(times));
    return { subscribed: templateId, times };
  },

  'GET /users/:openid/conversation'(context, { world }) {
    const account = accountOf(context);
    return account === undefined
      ? refuse(context, 'account must be miniprogram or official')
      : world.conversation(account, openidOf(context));
  },
} satisfies Routes;
