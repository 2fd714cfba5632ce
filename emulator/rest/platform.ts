import { parseSettings } from '../../shared/core/settings';
import { checkFaults, type Fault } from '../faults';
import { openVariables } from '../story';
import { type Routes, readBody, refuse } from './route';

/** The local WeChat itself: its time, its faults, how it pushes, a fresh start. */
export const platformRoutes = {
  async 'POST /clock'(context, { clock, log }) {
    const advanceMs = (await readBody(context))?.['advanceMs'];
    if (typeof advanceMs !== 'number' || !(advanceMs >= 0))
      return refuse(context, 'advanceMs must be a number, 0 or more');
    if (Number.isNaN(new Date(clock.now() + advanceMs).getTime()))
      return refuse(context, 'advanceMs leads beyond every date');
    clock.advance(advanceMs);
    log.add({ kind: 'clock', now: clock.now() });
    return { now: clock.now() };
  },

  'GET /faults': (_context, { faults }) => faults.list(),

  async 'PUT /faults'(context, { faults }) {
    const input: unknown = await context.req.json().catch(() => undefined);
    const wrong = checkFaults(input);
    if (wrong !== '') return refuse(context, wrong);
    faults.put(input as Fault[]);
    return faults.list();
  },

  async 'PUT /callback'(context, { pusher, options: { variables } }) {
    const { encrypted, format } = (await readBody(context)) ?? {};
    if (typeof encrypted !== 'boolean' || (format !== 'xml' && format !== 'json')) {
      return refuse(context, 'needs {encrypted: true|false, format: xml|json}');
    }
    if (pusher === undefined) return refuse(context, 'pushes are off');
    if (encrypted && (variables['CALLBACK_AES_KEY'] ?? '') === '') {
      return refuse(
        context,
        'encryption needs the variable CALLBACK_AES_KEY when the local WeChat is started',
      );
    }
    pusher.mode = { encrypted, format };
    return pusher.mode;
  },

  async 'PUT /receiver'(context, { pusher, runner }) {
    const { name } = (await readBody(context)) ?? {};
    if (typeof name !== 'string' || !runner.functions.has(name))
      return refuse(context, `needs {name}, one of ${[...runner.functions.keys()].join(', ')}`);
    if (pusher === undefined) return refuse(context, 'pushes are off');
    pusher.receiver = name;
    return { name };
  },

  async 'PUT /variables'(context, { setVariables, options }) {
    const given = (await readBody(context)) ?? {};
    const names = Object.keys(given);
    if (names.length === 0 || !names.every((name) => openVariables.includes(name)))
      return refuse(context, `needs variables of ${openVariables.join(', ')}`);
    if (!Object.values(given).every((value) => typeof value === 'string'))
      return refuse(context, 'the value of a variable is a string');
    const parsed = parseSettings({ ...options.variables, ...given } as Record<string, string>);
    if (!parsed.ok) return refuse(context, `${parsed.variable} ${parsed.message}`);
    setVariables(given as Record<string, string>);
    return Object.fromEntries(openVariables.map((name) => [name, options.variables[name] ?? '']));
  },

  'POST /reset'(_context, { reset, clock }) {
    reset();
    return { now: clock.now() };
  },
} satisfies Routes;
