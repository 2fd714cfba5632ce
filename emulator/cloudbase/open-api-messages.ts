import protobuf from 'protobufjs';

/**
 * The protobuf messages that carry an open API call, as wx-server-sdk 4.0.2 writes and reads them. Reconstructed from
 * its `index.js`; only what the action `wx.openApi` uses.
 */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message KeyValuePair { string key = 1; bytes value = 2; string contenttype = 3; string filename = 4; }
  message OpenApiData { repeated KeyValuePair pairs = 1; }
  message CommApiData { int32 apiType = 1; OpenApiData openapiData = 2; string appid = 6; }
  message HttpHeader { string key = 1; string value = 2; }
  message CommOpenApiResp {
    bytes respData = 1; string contentType = 2; int32 errorCode = 3; uint32 httpCode = 4;
    repeated HttpHeader headers = 5; int32 svrkitErrorCode = 6;
  }
`);

const commApiData = root.lookupType('CommApiData');
const commOpenApiResp = root.lookupType('CommOpenApiResp');

/** One top-level field of a call: JSON text, or a file's bytes with its name. */
export interface WirePair {
  readonly key: string;
  readonly value: Uint8Array;
  readonly filename: string;
}

/** Reads the request of a call; throws on bytes that are none. */
export function decodeCall(bytes: Uint8Array): {
  readonly pairs: readonly WirePair[];
  readonly appid: string;
} {
  const decoded = commApiData.toObject(commApiData.decode(bytes), { defaults: true }) as {
    openapiData: { pairs?: WirePair[] } | null;
    appid: string;
  };
  return { pairs: decoded.openapiData?.pairs ?? [], appid: decoded.appid };
}

/** Writes an answer: WeChat's own in `respData`, the gateway's refusal in `errorCode`. */
export function encodeAnswer(answer: {
  readonly respData?: Uint8Array;
  readonly contentType?: string;
  readonly errorCode?: number;
}): Uint8Array {
  return commOpenApiResp.encode(commOpenApiResp.create({ ...answer })).finish();
}
