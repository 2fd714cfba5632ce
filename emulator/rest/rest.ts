import { Hono } from 'hono';
import type { EmulatorParts } from '../parts';
import { callRoutes } from './calls';
import { fileRoutes } from './files';
import { modelRoutes } from './model';
import { platformRoutes } from './platform';
import { recordRoutes } from './records';
import type { Routes } from './route';
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
};

export function createRest(parts: EmulatorParts): Hono {
  const rest = new Hono();
  for (const [route, answer] of Object.entries(routes)) {
    const [method = '', path = ''] = route.split(' ');
    rest.on(method, path, async (context) => {
      const given = await answer(context, parts);
      return given instanceof Response ? given : context.json(given);
    });
  }
  rest.all('*', (context) =>
    context.json({ error: `no such route: ${context.req.method} ${context.req.path}` }, 404),
  );
  return rest;
}
