import { describe, expect, test } from '@jest/globals';
import { inChinese } from '../../../shared/wechat/errors/in-chinese';

/** Sentences that are made in several places, each as somebody is answered. */

const english = { ofCode: () => '', ofNumber: () => undefined };
const told = (errMsg: string, details?: readonly { path: string; message: string }[]) =>
  inChinese({ errCode: 40035, errMsg, ...(details === undefined ? {} : { details }) }, english);

describe('what is wrong with a field is told in Chinese', () => {
  test.each([
    ['must be a whole number, not "x"', '应为整数，不能是 "x"'],
    ['must be a number, not "x"', '应为数字，不能是 "x"'],
    ['must be an id, not ""', '应为 id，不能是 ""'],
    ['must be true or false, not 1', '应为 true 或 false，不能是 1'],
    ['is 90000 bytes of UTF-8, more than 20 messages hold', '为 90000 字节（UTF-8），20 条消息也放不下'],
    ['has 2000 fields; nothing has so many', '有 2000 个字段，过多'],
    ['has 2000 entries; nothing has so many', '有 2000 项，过多'],
    ['no such file in cloud storage', '云存储中没有这个文件'],
    ['cloud storage could not be read', '云存储无法读取'],
    ['cloud storage answered 403', '云存储返回 403'],
    ['the file is larger than 10485760 bytes', '文件超过 10485760 字节'],
    [
      'the file is 70000 bytes; WeChat takes at most 65536 as thumb',
      '文件为 70000 字节，微信最多接受 65536 字节（thumb）',
    ],
    [
      'the file is of no known format; WeChat takes PNG, JPEG or GIF',
      '无法识别文件格式，微信接受 PNG、JPEG 或 GIF',
    ],
    ['the file is png; WeChat takes jpg as thumb', '文件格式为 png，微信接受 jpg（thumb）'],
    ['the file is mp4; WeChat takes PNG, JPEG or GIF', '文件格式为 mp4，微信接受 PNG、JPEG 或 GIF'],
  ])('%s', (message, chinese) => {
    expect(told(`image.fileID ${message}`, [{ path: 'image.fileID', message }])).toMatchObject({
      errMsg: `image.fileID ${chinese}`,
      details: [{ message: chinese }],
    });
  });
});

test('one of several is told of by its own path, and by its place in the list beside it', () => {
  const details = [{ path: 'messages[2].text.content', message: 'is empty' }];
  expect(told('text.content is empty', details)).toMatchObject({
    errMsg: 'text.content 不能为空',
    details: [{ path: 'messages[2].text.content', message: '不能为空' }],
  });
});

test.each([
  [
    '100 messages of this user wait already; a client may have 100 waiting',
    '该用户已有 100 条消息在等待；客户端最多可以有 100 条',
  ],
  ['more than 120 calls of one user in a minute', '同一用户一分钟内调用超过 120 次'],
  ['the database does not say whether the step was taken', '数据库没有响应，不知道这一步是否完成'],
  ['WeChat answered without a file', '微信的应答中没有文件'],
])('%s', (errMsg, chinese) => {
  expect(told(errMsg)).toMatchObject({ errMsg: chinese });
});
