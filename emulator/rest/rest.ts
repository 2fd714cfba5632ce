import { type Context, Hono } from 'hono';
import type { EmulatorParts } from '../parts';
import { callRoutes } from './calls';
import { fileRoutes } from './files';
import { modelRoutes } from './model';
import { platformRoutes } from './platform';
import { recordRoutes } from './records';
import type { Routes } from './route';
import { storyRoutes } from './stories';
import { templateRoutes } from './templates';
import { userRoutes } from './users';

/** Everything the page does, as REST under `/_emulator`: `coverage.ts` says what each route is for. */
export const routes: Routes = {
  ...callRoutes,
  ...userRoutes,
  ...platformRoutes,
  ...fileRoutes,
  ...recordRoutes,
  ...templateRoutes,
  ...modelRoutes,
  ...storyRoutes,
};

/** Whether a route does something, so that it is a step of the story. */
function isStep(route: string): boolean {
  return !/^GET |^POST \/(?:reset|story)$/.test(route);
}

/** Writes a step down; not one that says of itself that it only looks. */
async function begin(context: Context, { stories }: EmulatorParts) {
  const { pathname, search } = new URL(context.req.url);
  const path = pathname.replace(/^\/_emulator/, '');
  const bytes = Buffer.from(await context.req.arrayBuffer());
  const isFile = path.startsWith('/files/');
  const body = isFile ? { base64: bytes.toString('base64') } : readJson(bytes);
  const { quiet } = (body ?? {}) as { readonly quiet?: unknown };
  return quiet === true ? undefined : stories.begin(`${context.req.method} ${path}${search}`, body);
}

function readJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

export function createRest(parts: EmulatorParts): Hono {
  const rest = new Hono();
  for (const [route, answer] of Object.entries(routes)) {
    const [method = '', path = ''] = route.split(' ');
    rest.on(method, path, async (context) => {
      const done = isStep(route) ? await begin(context, parts) : undefined;
      const given = await answer(context, parts);
      done?.(given instanceof Response ? undefined : given);
      return given instanceof Response ? given : context.json(given);
    });
  }
  rest.all('*', (context) =>
    context.json({ error: `no such route: ${context.req.method} ${context.req.path}` }, 404),
  );
  return rest;
}
