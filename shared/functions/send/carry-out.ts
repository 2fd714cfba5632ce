import { refusal, success, withHints } from '../../core/answer';
import { recallWindow } from '../../core/reply-windows';
import { type FallbackPorts, insteadOf } from '../deliver/fallback';
import { queueMessage } from './queue';
import { sendOnceCounted } from './send-counted';
import type { SendAnswer, SendRequest } from './send-request';

/** Does what a request asks for: sends it, keeps it, or only tells of the window. With success come its hints. */
export async function carryOut(request: SendRequest, ports: FallbackPorts): Promise<SendAnswer> {
  return withHints(await act(request, ports), request.hints);
}

async function act(request: SendRequest, ports: FallbackPorts): Promise<SendAnswer> {
  if (request.parts.length === 0) return tellWindow(request, ports);
  if (request.queue) {
    const kept = await queueMessage(request, ports);
    if (kept.errCode !== 0 || !request.window) return kept;
    const believed = await recallWindow(request.account, request.touser, ports);
    return believed === undefined ? kept : { ...kept, window: believed };
  }
  return sendOnceCounted({ ...request, instead: insteadOf(request.fallback, ports) }, ports);
}

async function tellWindow({ account, touser }: SendRequest, ports: FallbackPorts): Promise<SendAnswer> {
  const window = await recallWindow(account, touser, ports);
  return window === undefined
    ? refusal('wechat-busy', -502001, 'the database could not be asked for the window')
    : success({ window });
}
