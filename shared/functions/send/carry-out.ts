import { refusal, success, withHints, withPaths } from '../../core/answer';
import { recallWindow } from '../../core/reply-windows';
import { type FallbackPorts, insteadOf } from '../deliver/fallback';
import { queueMessage } from './queue';
import { sendOnceCounted } from './send-counted';
import type { SendAnswer, SendRequest } from './send-request';

/** Does what a request asks for: sends it, keeps it, or only tells of the window. With success come its hints. */
export async function carryOut(request: SendRequest, ports: FallbackPorts): Promise<SendAnswer> {
  const { fallback, queue, parts, hints, spelled } = request;
  const isSent = parts.length > 0 && !queue;
  const answer = isSent
    ? await sendOnceCounted({ ...request, instead: insteadOf(fallback, ports) }, ports)
    : await keepOrTell(request, ports);
  return withPaths(withHints(answer, hints), (path) => spelled.get(path) ?? path);
}

async function keepOrTell(request: SendRequest, ports: FallbackPorts): Promise<SendAnswer> {
  const { account, touser, parts, window } = request;
  const isKept = parts.length > 0;
  const answer = isKept ? await queueMessage(request, ports) : success();
  if (answer.errCode !== 0 || !window) return answer;
  const believed = await recallWindow(account, touser, ports);
  if (believed !== undefined) return { ...answer, window: believed };
  return isKept ? answer : refusal('wechat-busy', -502001, 'the database could not be asked for the window');
}
