import { type Account, accounts } from '../../shared/wechat/account';
import { callNames, callRow, calls } from '../../shared/wechat/calls';
import type { PlainObject } from '../../shared/wechat/fields/values';
import { fromCloudCall, toCloudCall } from '../../shared/wechat/messages/cloud-call';
import type { CloudMessage, Message } from '../../shared/wechat/messages/message-types';
import type { EventLog } from '../event-log';
import { type Fault, isDelivered } from '../faults';
import { refuse } from '../wechat/check-message';
import {
  answerOfFault,
  holdsEscapes,
  isRefusal,
  type OpenApiAnswer,
  openApis,
  refusal,
  shown,
  writeJson,
} from '../wechat/open-api';
import type { World } from '../wechat/world';
import { decodeCall, encodeAnswer, type WirePair } from './open-api-messages';

interface OpenApiRequest {
  readonly apiName: string;
  readonly requestData: Uint8Array;
  /** The call of the function that asks. */
  readonly callId: string | undefined;
  /** `permissions.openapi` of its `config.json`; absent for a call from outside a function, which needs none. */
  readonly permissions: readonly string[] | undefined;
  readonly fault: Fault | undefined;
}

/** The gateway's own refusals, which come in the protobuf's `errorCode`. */
const apiNotFound = -604100;
const noPermission = -604101;

/**
 * The action `wx.openApi`: finds the call, checks the function's permission, asks WeChat, writes down what was on the
 * wire. Returns the body of the answer.
 */
export function answerOpenApi(request: OpenApiRequest, world: World, log: EventLog): Uint8Array {
  const { apiName, requestData, callId, permissions, fault } = request;
  const { pairs, appid } = decodeCall(requestData);
  const account: Account =
    accounts.find((kind) => appid !== '' && world.appids[kind] === appid) ?? 'miniprogram';
  const https = Object.fromEntries(pairs.map((pair) => [pair.key, readPair(pair)]));
  const note = (answer: unknown, ok: boolean) =>
    log.add({
      kind: 'wire',
      callId,
      api: apiName,
      account,
      https,
      cloud: cloudSpelling(apiName, https),
      bytes: requestData.length,
      answer,
      ok,
    });

  const refused = (errorCode: number) => {
    note({ errCode: errorCode }, false);
    return encodeAnswer({ errorCode });
  };
  const name = callNames.find((each) => callRow(each).cloud[account] === apiName);
  if (name === undefined || (appid !== '' && world.appids[account] !== appid)) return refused(apiNotFound);
  if (permissions?.includes(apiName) === false) return refused(noPermission);
  if (fault?.errcode !== undefined && fault.errcode < -600000) return refused(fault.errcode);
  if (pairs.some(({ value, filename }) => filename === '' && holdsEscapes(textOf(value)))) {
    note(refuse(40033), false);
    return encode(refusal(40033));
  }

  const lenient = fault?.errcode === 0;
  const answer =
    answerOfFault(fault, () => 'fault on demand rid: 00000000') ??
    openApis[name]({ account, payload: https, files: filesOf(pairs), lenient }, world);
  const came =
    fault?.behaviour === undefined
      ? shown(answer)
      : { behaviour: fault.behaviour, delivered: isDelivered(fault) };
  note(came, (fault === undefined || lenient) && !isRefusal(answer));
  return encode(answer);
}

/** A field as it arrived. A file is told by its name; text that is no JSON is kept as text. */
function readPair({ value, filename }: WirePair): unknown {
  if (filename !== '') return { filename, sizeBytes: value.length };
  const text = textOf(value);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function textOf(value: Uint8Array): string {
  return Buffer.from(value).toString('utf8');
}

function filesOf(pairs: readonly WirePair[]) {
  return Object.fromEntries(
    pairs
      .filter(({ filename }) => filename !== '')
      .map(({ key, value, filename }) => [key, { bytes: value, filename }]),
  );
}

function cloudSpelling(apiName: string, https: PlainObject): PlainObject {
  if (apiName !== calls.sendCustomMessage.cloud.miniprogram) return https;
  return toCloudCall(fromCloudCall(https as unknown as CloudMessage) as Message) as unknown as {
    [field: string]: unknown;
  };
}

function encode(answer: OpenApiAnswer): Uint8Array {
  return 'json' in answer
    ? encodeAnswer({
        respData: Buffer.from(writeJson(answer.json)),
        contentType: 'application/json; charset=UTF-8',
      })
    : encodeAnswer({ respData: answer.file.bytes, contentType: answer.file.contentType });
}
