import busboy from 'busboy';

/** No client sends more: CloudBase lets 6 MB through. */
const maxFileBytes = 6 * 1024 * 1024;

/** Reads the file of a multipart form: the one named `media`. `undefined` where there is none, or no form. */
export function readMedia(contentType: string, body: Uint8Array): Promise<Uint8Array | undefined> {
  return new Promise((resolve) => {
    let found: Uint8Array | undefined;
    try {
      const parser = busboy({
        headers: { 'content-type': contentType },
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
