type Hmac = (text: string, secret: string | Buffer) => Buffer;

let last: { readonly from: string; readonly key: Buffer } | undefined;

/**
 * The key that signs requests, which the signer derives in three steps for every one of them: it holds for a day and a
 * pair of credentials, so it is derived again only when one of these has changed.
 */
export function signingKey(date: string, service: string, secretKey: string, hmac: Hmac): Buffer {
  const from = `${date}/${service}/${secretKey}`;
  if (last?.from !== from) {
    last = { from, key: hmac('tc3_request', hmac(service, hmac(date, `TC3${secretKey}`))) };
  }
  return last.key;
}
