import { type Routes, readAccount, refuse } from './route';

/** Files in cloud storage, and media that WeChat holds. */
export const fileRoutes = {
  'GET /files': (_context, { storage }) =>
    storage.list().map(({ fileID, path, bytes }) => ({ fileID, path, sizeBytes: bytes.length })),

  async 'PUT /files/*'(context, { storage }) {
    const path = decodeURIComponent(context.req.path.replace(/^.*?\/files\//, ''));
    if (path === '') return refuse(context, 'name the file: PUT /_emulator/files/pictures/cat.png');
    const { fileID, bytes } = storage.put(path, Buffer.from(await context.req.arrayBuffer()));
    return { fileID, sizeBytes: bytes.length };
  },

  'GET /media/:account/:mediaId'(context, { world }) {
    const { account: name, mediaId = '' } = context.req.param();
    const account = readAccount(name);
    const held = account && world.media(account, mediaId);
    return held === undefined
      ? context.json({ error: 'WeChat holds no such media' }, 404)
      : context.body(Buffer.from(held.bytes), 200, { 'content-type': held.contentType });
  },
} satisfies Routes;
