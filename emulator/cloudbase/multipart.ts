import busboy from 'busboy';

/** The fields of a form, each as its bytes, and the files with their names. */
export interface Form {
  readonly fields: { readonly [name: string]: Buffer };
  readonly files: { readonly [name: string]: { readonly filename: string; readonly bytes: Buffer } };
}

/** Far above the 10 MB that WeChat takes. */
const maxPartBytes = 32 * 1024 * 1024;

/** Reads a multipart form whose fields may be binary, as the SDK's are. */
export function readForm(contentType: string, body: Buffer): Promise<Form> {
  return new Promise((resolve, reject) => {
    const fields: Record<string, Buffer> = {};
    const files: Record<string, { filename: string; bytes: Buffer }> = {};
    const parser = busboy({
      headers: { 'content-type': contentType },
      // Latin-1 keeps every byte; the SDK sends protobuf in a field without a file name.
      defCharset: 'latin1',
      limits: { fieldSize: maxPartBytes, fileSize: maxPartBytes },
    });
    parser.on('field', (name, value) => {
      fields[name] = Buffer.from(value, 'latin1');
    });
    parser.on('file', (name, stream, info) => {
      const filename: string | undefined = info.filename;
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        files[name] = { filename: filename ?? '', bytes: Buffer.concat(chunks) };
      });
    });
    parser.on('close', () => resolve({ fields, files }));
    parser.on('error', reject);
    parser.end(body);
  });
}
