import { type Context, Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { Account } from '../shared/wechat/account';
import { windowRules } from '../shared/wechat/reply-window';
import { coverage } from './coverage';
import type { EmulatorParts } from './emulator';
import { checkFaults, type Fault } from './faults';
import { readOutbox } from './outbox-view';
import { findTemplate, templates } from './wechat/templates';
import { actEvents, userMessages } from './wechat/user-acts';

/** What the page does, as REST under `/_emulator`. */
export function createRest(parts: EmulatorParts): Hono {
  const { world, log, clock, faults, storage } = parts;
  const rest = new Hono();

  rest.get('/', (context) =>
    context.json({
      openid: parts.options.openid,
      operators: parts.options.variables['KEFU_OPERATORS'] ?? '',
      appids: world.appids,
      now: clock.now(),
      functions: [...parts.runner().functions.values()],
      users: { miniprogram: world.users('miniprogram'), official: world.users('official') },
    }),
  );

  rest.get('/coverage', (context) => context.json(coverage));

  rest.post('/call', async (context) => {
    const body = await readBody(context);
    if (body === undefined || typeof body['name'] !== 'string') {
      return refuse(context, 'needs {name, data}: what wx.cloud.callFunction takes');
    }
    const source = typeof body['source'] === 'string' ? body['source'] : 'wx_client';
    const openid = readOpenid(body['openid'], source, parts.options.openid);
    const invoked = await parts.call({ name: body['name'], data: body['data'] ?? {}, source, openid });
    return context.json(
      invoked.ok
        ? { errMsg: 'cloud.callFunction:ok', result: invoked.result, requestID: invoked.requestID }
        : {
            errCode: invoked.errCode,
            errMsg: `cloud.callFunction:fail Error: errCode: ${invoked.errCode} | errMsg: ${invoked.errMsg}`,
            requestID: invoked.requestID,
          },
    );
  });

  rest.post('/users/:openid/say', async (context) => {
    const body = await readBody(context);
    const account = readAccount(context);
    if (body === undefined || account === undefined)
      return refuse(context, 'needs {MsgType, …} and an account it knows');
    const { MsgType = 'text' } = body;
    const kind = userMessages[String(MsgType)];
    if (kind === undefined)
      return refuse(context, `MsgType must be one of ${Object.keys(userMessages).join(', ')}`);
    if (typeof body[kind.needs] !== 'string') return refuse(context, `${kind.needs} must be a string`);
    const openid = context.req.param('openid');
    const said = world.say(account, openid, { MsgType, ...body });
    const pictureUrl = `${parts.origin()}/_emulator/media/${account}/${encodeURIComponent(String(body['MediaId'] ?? 'MEDIA_ID'))}`;
    void parts.pusher?.push(account, openid, { MsgType, ...kind.adds(pictureUrl), ...body });
    return context.json(said);
  });

  rest.post('/users/:openid/enter', (context) => {
    const account = readAccount(context);
    if (account !== 'miniprogram') return refuse(context, 'only a mini program has a session to enter');
    const openid = context.req.param('openid');
    world.act(account, openid, 'enter');
    void parts.pusher?.push(account, openid, actEvents.enter);
    return context.json(world.conversation(account, context.req.param('openid')));
  });

  rest.post('/users/:openid/act', async (context) => {
    const account = readAccount(context);
    const { act, ...fields } = (await readBody(context)) ?? {};
    const acts = Object.keys(windowRules[account ?? 'miniprogram']).filter((name) => name !== 'message');
    if (account === undefined || typeof act !== 'string' || !acts.includes(act)) {
      return refuse(context, `act must be one of ${acts.join(', ')}`);
    }
    const known = act as keyof typeof actEvents;
    const openid = context.req.param('openid');
    world.act(account, openid, known);
    void parts.pusher?.push(account, openid, { ...actEvents[known], ...fields });
    return context.json(world.conversation(account, openid));
  });

  rest.post('/users/:openid/push', async (context) => {
    const body = await readBody(context);
    const account = readAccount(context);
    if (account === undefined || typeof body?.['MsgType'] !== 'string') {
      return refuse(context, 'needs the fields of a push, {MsgType, …}, and an account it knows');
    }
    world.meet(account, context.req.param('openid'));
    await parts.pusher?.push(account, context.req.param('openid'), body);
    return context.json(world.conversation(account, context.req.param('openid')));
  });

  rest.put('/callback', async (context) => {
    const { encrypted, format } = (await readBody(context)) ?? {};
    if (typeof encrypted !== 'boolean' || (format !== 'xml' && format !== 'json')) {
      return refuse(context, 'needs {encrypted: true|false, format: xml|json}');
    }
    if (parts.pusher === undefined) return refuse(context, 'pushes are off');
    if (encrypted && (parts.options.variables['CALLBACK_AES_KEY'] ?? '') === '') {
      return refuse(
        context,
        'encryption needs the variable CALLBACK_AES_KEY when the local WeChat is started',
      );
    }
    parts.pusher.mode = { encrypted, format };
    return context.json(parts.pusher.mode);
  });

  rest.post('/users/:openid/subscribe', async (context) => {
    const { template_id: templateId, times = 1 } = (await readBody(context)) ?? {};
    if (
      findTemplate('miniprogram', templateId) === undefined ||
      !(Number.isInteger(times) && Number(times) > 0)
    ) {
      return refuse(
        context,
        `needs {template_id, times?}; templates: ${Object.keys(templates.miniprogram).join(', ')}`,
      );
    }
    world.meet('miniprogram', context.req.param('openid'));
    world.subscribe(context.req.param('openid'), String(templateId), Number(times));
    return context.json({ subscribed: templateId, times });
  });

  rest.get('/users/:openid/conversation', (context) => {
    const account = readAccount(context);
    if (account === undefined) return refuse(context, 'account must be miniprogram or official');
    return context.json(world.conversation(account, context.req.param('openid')));
  });

  rest.post('/clock', async (context) => {
    const advanceMs = (await readBody(context))?.['advanceMs'];
    if (typeof advanceMs !== 'number' || !(advanceMs >= 0))
      return refuse(context, 'advanceMs must be a number, 0 or more');
    clock.advance(advanceMs);
    log.add({ kind: 'clock', now: clock.now() });
    return context.json({ now: clock.now() });
  });

  rest.get('/faults', (context) => context.json(faults.list()));
  rest.put('/faults', async (context) => {
    const input: unknown = await context.req.json().catch(() => undefined);
    const wrong = checkFaults(input);
    if (wrong !== '') return refuse(context, wrong);
    faults.put(input as Fault[]);
    return context.json(faults.list());
  });

  rest.get('/log', (context) => context.json(log.since(Number(context.req.query('since') ?? 0))));
  rest.get('/feed', (context) => streamFeed(context, parts));

  rest.get('/outbox', (context) => context.json(readOutbox(parts.database)));

  rest.route('/model', parts.model.rest);

  rest.post('/reset', (context) => {
    parts.reset();
    return context.json({ now: clock.now() });
  });

  rest.get('/media/:account/:mediaId', (context) => {
    const { account, mediaId } = context.req.param();
    const held =
      account === 'official' || account === 'miniprogram' ? world.media(account, mediaId) : undefined;
    if (held === undefined) return context.json({ error: 'WeChat holds no such media' }, 404);
    return context.body(Buffer.from(held.bytes), 200, { 'content-type': held.contentType });
  });

  rest.get('/files', (context) =>
    context.json(
      storage.list().map(({ fileID, path, bytes }) => ({ fileID, path, sizeBytes: bytes.length })),
    ),
  );
  rest.put('/files/*', async (context) => {
    const path = decodeURIComponent(context.req.path.replace(/^.*?\/files\//, ''));
    if (path === '') return refuse(context, 'name the file: PUT /_emulator/files/pictures/cat.png');
    const { fileID, bytes } = storage.put(path, Buffer.from(await context.req.arrayBuffer()));
    return context.json({ fileID, sizeBytes: bytes.length });
  });

  rest.all('*', (context) =>
    context.json({ error: `no such route: ${context.req.method} ${context.req.path}` }, 404),
  );
  return rest;
}

function refuse(context: Context, error: string): Response {
  return context.json({ error }, 400);
}

async function readBody(context: Context): Promise<{ readonly [field: string]: unknown } | undefined> {
  const body: unknown = await context.req.json().catch(() => undefined);
  return typeof body === 'object' && body !== null && !Array.isArray(body)
    ? (body as { [field: string]: unknown })
    : undefined;
}

function readAccount(context: Context): Account | undefined {
  const account = context.req.query('account') ?? 'miniprogram';
  return account === 'miniprogram' || account === 'official' ? account : undefined;
}

/** A client's call has a user, the usual one if none is named; a timer's and the HTTP API's have none. */
function readOpenid(given: unknown, source: string, usual: string): string | undefined {
  if (typeof given === 'string' && given !== '') return given;
  return given === undefined && (source === 'wx_client' || source === 'wx_devtools') ? usual : undefined;
}

function streamFeed(context: Context, { log }: EmulatorParts): Response {
  const from = Number(context.req.header('last-event-id') ?? context.req.query('since') ?? 0) || 0;
  return streamSSE(context, async (stream) => {
    const pending = [...log.since(from)];
    let wake: () => void = () => undefined;
    const stop = log.subscribe((entry) => {
      pending.push(entry);
      wake();
    });
    stream.onAbort(() => {
      stop();
      wake();
    });
    while (!stream.aborted && !stream.closed) {
      for (const entry of pending.splice(0)) {
        await stream.writeSSE({ id: String(entry.seq), event: entry.kind, data: JSON.stringify(entry) });
      }
      if (pending.length > 0) continue;
      await new Promise<void>((resolve) => {
        wake = resolve;
        // A comment now and then keeps the connection open and finds one that is gone.
        setTimeout(resolve, 15_000).unref();
      });
      if (!stream.aborted && pending.length === 0) await stream.write(': still here\n\n');
    }
    stop();
  });
}
