import type { Notice, Notices } from './notice';

/** The table in one line each: what is told, and by which messages. For whoever is asked whether it may go live. */
export function renderNotices(notices: Notices): string[] {
  return Object.entries(notices).map(
    ([type, { title, send }]) => `${type} (${title}): ${send.map(renderWay).join(', else ')}`,
  );
}

function renderWay(way: Notice['send'][number]): string {
  return 'subscribe' in way
    ? `subscribe message ${way.subscribe.template_id}`
    : `template message ${way.template.template_id}`;
}
