import { expect, test } from '@jest/globals';
import { exampleNotices } from '../../../shared/functions/notify/example-notices';
import { renderNotices } from '../../../shared/functions/notify/render-notices';
import { notices } from '../../../shared/notices';

test('each notice is one line, with what is tried in its order; a fresh table has none', () => {
  const template = 'template message JkZGZlvL5ou_UFide5ncZOzLbtUaPPz8cuYdXUKEkzs';
  expect(renderNotices(exampleNotices)).toEqual([
    `order-sent (发货提醒): subscribe message ORDER_TEMPLATE, else ${template}`,
    `order-paid (付款成功): ${template}, else subscribe message ORDER_TEMPLATE`,
    'desk-waiting (有用户等待人工客服): subscribe message DESK_TEMPLATE',
  ]);
  expect(renderNotices(notices)).toEqual([]);
});
