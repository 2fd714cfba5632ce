import type { ReplyRules } from '../../functions/receive/reply-rules';
import { receiving } from '../receiving';
import { serve } from '../serve';
import { answerGateway } from './gateway';
import { isSame, issueToken, readToken } from './gateway-tokens';
import { jsonAnswer, readHttpEvent } from './http-event';

/** Makes `exports.main` of the function that CloudBase's HTTP access calls. */
export function serveGateway(
  name: string,
  rules: ReplyRules,
): (event: unknown, context: unknown) => Promise<object | string> {
  return serve(
    name,
    async (event, _caller, ports) => {
      const request = readHttpEvent(event);
      if (isCallbackPath(request.path)) {
        // Loaded when WeChat calls: a server that only sends needs neither XML nor encryption.
        const { answerCallback } = await import('./callback');
        return answerCallback(request, { ...ports, ...receiving(rules) });
      }
      return answerGateway(request, {
        ...ports,
        issueToken,
        readToken: (token) => readToken(token, ports.settings.gatewayClients),
        isSame,
        async readMedia(contentType, body) {
          const { readMedia } = await import('./multipart');
          return readMedia(contentType, body);
        },
      });
    },
    // WeChat's clients understand WeChat's form only.
    ({ errCode, errMsg }) => jsonAnswer(JSON.stringify({ errcode: errCode, errmsg: errMsg })),
  );
}

/** `…/callback` is the official account's, `…/callback/miniprogram` the mini program's. */
function isCallbackPath(path: string): boolean {
  return /\/callback(?:\/miniprogram)?\/?$/.test(path);
}
