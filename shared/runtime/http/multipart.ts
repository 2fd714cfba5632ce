import busboy from 'busboy';

/** No client sends more: CloudBase lets 6 MB through. */
const maxFileBytes = 6 * 1024 * 1024;

/** The first line of a form, which is its boundary after two hyphens. */
const firstLine = /^--([^\r\n]{1,70})\r?\n/;

/** A form's content type with its boundary; old clients name the type alone. */
function withBoundary(contentType: string, body: Uint8Array): string {
  if (!/^multipart\/form-data/i.test(contentType) || /boundary=/i.test(contentType)) return contentType;
  const [, boundary] = firstLine.exec(Buffer.from(body.subarray(0, 80)).toString('latin1')) ?? [];
  return boundary === undefined ? contentType : `multipart/form-data; boundary="${boundary}"`;
}

/** Reads the file of a multipart form: the one named `media`. `undefined` where there is none, or no form. */
export function readMedia(contentType: string, body: Uint8Array): Promise<Uint8Array | undefined> {
  return new Promise((resolve) => {
    let found: Uint8Array | undefined;
    try {
      const parser = busboy({
        headers: { 'content-type': withBoundary(contentType, body) },
        limits: { fileSize: maxFileBytes, files: 4, fields: 20, parts: 24 },
      });
      parser.on('file', (name, stream) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          if (name === 'media') found ??= Buffer.concat(chunks);
        });
        // A form that ends in the middle of a file.
        stream.on('error', () => resolve(undefined));
      });
      parser.on('close', () => resolve(found));
      parser.on('error', () => resolve(undefined));
      parser.end(Buffer.from(body));
    } catch {
      resolve(undefined);
    }
  });
}
