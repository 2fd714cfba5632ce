import { type Behaviour, modelBehaviours } from '../model/model';
import { type Routes, readBody, refuse } from './route';

/** The local model: what it was asked, and how it misbehaves. */
export const modelRoutes = {
  'GET /model': (_context, { model }) => model.look(),
  'PUT /model': async (context, { model }) => {
    const { behaviour, delayMs, times } = (await readBody(context)) ?? {};
    if (behaviour !== undefined && !isBehaviour(behaviour))
      return refuse(context, `behaviour must be one of ${Object.keys(modelBehaviours).join(', ')}`);
    model.misbehave({
      behaviour,
      ...(typeof delayMs === 'number' ? { delayMs } : {}),
      ...(typeof times === 'number' ? { times } : {}),
    });
    return model.look();
  },
} satisfies Routes;

function isBehaviour(name: unknown): name is Behaviour {
  return typeof name === 'string' && Object.hasOwn(modelBehaviours, name);
}
