import { fieldsIn } from '../wechat/templates';
import { type Routes, readAccount, readBody, refuse } from './route';

/** The accounts' templates. */
export const templateRoutes = {
  'GET /templates': (_context, { world }) => world.templates.list(),

  async 'POST /templates'(context, { world }) {
    const body = (await readBody(context)) ?? {};
    const { template_id: templateId, title = '', content, fields } = body;
    const account = readAccount(body['account']);
    if (account === undefined) return refuse(context, 'account must be miniprogram or official');
    if (typeof templateId !== 'string' || templateId.trim() === '' || typeof title !== 'string')
      return refuse(context, 'needs {account, template_id, title?, content or fields}');
    if (content !== undefined && fields !== undefined) return refuse(context, 'content or fields, not both');
    const named = typeof content === 'string' ? fieldsIn(content) : (fields ?? []);
    if ((content !== undefined && typeof content !== 'string') || !isNames(named))
      return refuse(
        context,
        'content must be a template’s text, or fields a list such as ["thing1", "time2"]',
      );
    if (content !== undefined && named.length === 0)
      return refuse(context, 'content names no field: one is written {{thing1.DATA}}');
    const template = { account, template_id: templateId, title, fields: named } as const;
    world.templates.add(template);
    return template;
  },
} satisfies Routes;

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string' && /^\w+$/.test(name));
}
