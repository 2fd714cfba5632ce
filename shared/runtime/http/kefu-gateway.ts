import { defineFunction } from '../../core/define-function';
import type { ReceivePorts } from '../../functions/receive/receive';
import type { ReplyRules } from '../../functions/rules/reply-rules';
import { callNames } from '../../wechat/calls';
import { answerGateway } from './gateway';
import { readHttpEvent, textAnswer } from './http-event';
import type { GatewayCall } from './routes';

/**
 * What CloudBase's HTTP access calls: `kefu-gateway`. Servers that speak to WeChat come to `cgi-bin/…`, WeChat itself
 * to `…/callback` (the official account's) and `…/callback/miniprogram`.
 */
export function kefuGateway(rules: ReplyRules) {
  return defineFunction({
    name: 'kefu-gateway',
    access: 'credentials',
    fields: 'own',
    calls: callNames.filter((name): name is GatewayCall => name !== 'msgSecCheck'),
    timeoutSeconds: 30,
    // WeChat's clients understand WeChat's form only; WeChat itself takes every status of 200 for a push that was taken.
    shape: ({ errCode, errMsg }, event) =>
      isCallbackPath(readHttpEvent(event).path)
        ? textAnswer('txt', errMsg, 500)
        : textAnswer('json', JSON.stringify({ errcode: errCode, errmsg: errMsg })),
    async run(event, { caller, ports }) {
      const request = readHttpEvent(event);
      if (!isCallbackPath(request.path)) return answerGateway(request, ports, caller.openid);
      // Loaded when WeChat calls: a server that only sends needs neither XML nor encryption.
      const { answerCallback } = await import('./callback');
      const receiving: ReceivePorts = { ...ports, rules };
      return answerCallback(request, receiving);
    },
  });
}

function isCallbackPath(path: string): boolean {
  return /\/callback(?:\/miniprogram)?\/?$/.test(path);
}
