import { existsSync } from 'node:fs';
import path from 'node:path';
import type { HttpBindings } from '@hono/node-server';
import { serveStatic } from '@hono/node-server/serve-static';
import { type Context, Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import { answerGateway } from './cloudbase/gateway';
import { answerHttpAccess, httpAccessPath } from './cloudbase/http-access';
import { storagePath } from './cloudbase/storage';
import type { EmulatorParts } from './parts';
import { createPhoneFiles } from './phone/phone-routes';
import { createRest } from './rest/rest';
import { createHttpsApi } from './wechat/https-api';

const policy = {
  defaultSrc: ["'self'"],
  imgSrc: ["'self'", 'data:', 'http:', 'https:'],
  mediaSrc: ["'self'", 'http:', 'https:'],
  objectSrc: ["'none'"],
  baseUri: ["'none'"],
  formAction: ["'none'"],
  frameAncestors: ["'none'"],
};

/**
 * What a browser may do with what comes from here: no script but the page's own, none inline, in nobody's frame, and
 * nothing read as what it does not say it is. The pictures and sounds of messages come from where the messages say.
 */
const guards = secureHeaders({
  contentSecurityPolicy: policy,
  xFrameOptions: 'DENY',
  strictTransportSecurity: false,
});

/** The same for the second phone, which stands in the page's frame and shows the files that its user chose. */
const phoneGuards = secureHeaders({
  contentSecurityPolicy: {
    ...policy,
    imgSrc: [...policy.imgSrc, 'blob:'],
    mediaSrc: [...policy.mediaSrc, 'blob:'],
    connectSrc: ["'self'", 'blob:'],
    // A mini program's styles may name fonts, as on a phone.
    fontSrc: ["'self'", 'data:', 'https:'],
    frameAncestors: ["'self'"],
  },
  xFrameOptions: 'SAMEORIGIN',
  strictTransportSecurity: false,
});

const phonePath = '/phone/';

/** All that is answered at the local WeChat's address. */
export function createApp(parts: EmulatorParts): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.use(async (context, next) => {
    const wrong = refuseStranger(context);
    return wrong === undefined ? next() : context.json({ error: wrong }, 403);
  });
  // The functions' own way, which no browser takes: it comes before what is for browsers.
  app.post('/admin', (context) => answerGateway(context, parts));
  app.post('/admin/:call', (context) => answerGateway(context, parts));
  app.use((context, next) => (context.req.path.startsWith(phonePath) ? phoneGuards : guards)(context, next));
  app.use(async (context, next) =>
    isDecodable(context.req.url)
      ? next()
      : context.json({ error: 'the path has a % that begins no character; a % itself is written %25' }, 400),
  );
  app.put(`${storagePath}*`, async (context) => {
    parts.storage.put(storedPath(context), Buffer.from(await context.req.arrayBuffer()));
    return context.body(null, 200);
  });
  app.get(`${storagePath}*`, (context) => {
    const file = parts.storage.get(storedPath(context));
    return file === undefined ? context.text('no such file', 404) : context.body(Buffer.from(file.bytes));
  });
  const phone = createPhoneFiles(parts.options.miniProgram);
  app.get(`${phonePath}app.js`, (context) => phone.script(context));
  app.get(`${phonePath}app.css`, (context) => phone.styles(context));
  app.get(`${phonePath}files/*`, (context) => phone.file(context));
  app.route('/model', parts.model.api);
  app.route('/_emulator', createRest(parts));
  app.route('/', createHttpsApi(parts));
  app.all(`${httpAccessPath}/*`, (context) => answerHttpAccess(context, parts.runner));
  const page = path.join(parts.options.dist, 'page');
  if (existsSync(page)) {
    const onFound = (_file: string, context: Context) => context.header('cache-control', 'no-cache');
    app.use(serveStatic({ root: page, onFound }));
  }
  app.notFound((context) =>
    context.json(
      { error: `the local WeChat has no ${context.req.method} ${context.req.path}; see /_emulator/coverage` },
      404,
    ),
  );
  return app;
}

/**
 * Refuses what does not come from this machine's own pages and programs: another web page open in the same browser
 * could otherwise send messages here.
 */
function refuseStranger(context: Context): string | undefined {
  const host = context.req.header('host') ?? '';
  if (!/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host))
    return 'this server answers on the loopback interface only';
  const origin = context.req.header('origin');
  if (origin !== undefined && origin !== `http://${host}`)
    return 'another page’s script may not call this server';
  return undefined;
}

function isDecodable(url: string): boolean {
  try {
    decodeURIComponent(new URL(url).pathname);
    return true;
  } catch {
    return false;
  }
}

function storedPath(context: Context): string {
  return decodeURIComponent(new URL(context.req.url).pathname.slice(storagePath.length));
}
