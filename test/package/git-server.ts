import { spawn, spawnSync } from 'node:child_process';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

/** A git repository on the loopback interface, as GitHub would have it. */
export interface GitServer {
  /** A git configuration by which `https://github.com/…` is asked for here. */
  readonly configuration: string;
  close(): Promise<void>;
}

/**
 * Serves a folder of this project as the folder of the same name in `https://github.com/<repository>`, on the branch
 * `main`, by git's own server program.
 */
export async function serveFolder(folder: string, repository: string, place: string): Promise<GitServer> {
  const work = path.join(place, 'work');
  const root = path.join(place, 'repositories');
  await mkdir(path.join(root, path.dirname(repository)), { recursive: true });
  await cp(folder, path.join(work, folder), { recursive: true });
  await writeFile(path.join(work, 'README.md'), 'not of the template');
  const who = ['-c', 'user.name=test', '-c', 'user.email=test@example.com', '-c', 'commit.gpgsign=false'];
  for (const args of [
    ['init', '--quiet', '--initial-branch', 'main', work],
    ['-C', work, 'add', '--all'],
    ['-C', work, ...who, 'commit', '--quiet', '--message', 'template'],
    ['clone', '--quiet', '--bare', work, path.join(root, `${repository}.git`)],
  ]) {
    const { status, stderr } = spawnSync('git', args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
  }
  const server = createServer((request, response) => {
    const { pathname, search } = new URL(String(request.url), 'http://127.0.0.1');
    const header = (name: string) => String(request.headers[name] ?? '');
    const backend = spawn('git', ['http-backend'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: {
        ...process.env,
        GIT_PROJECT_ROOT: root,
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: pathname,
        QUERY_STRING: search.slice(1),
        REQUEST_METHOD: request.method,
        CONTENT_TYPE: header('content-type'),
        HTTP_CONTENT_ENCODING: header('content-encoding'),
        GIT_PROTOCOL: header('git-protocol'),
      },
    });
    request.pipe(backend.stdin);
    const chunks: Buffer[] = [];
    backend.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    backend.on('close', () => {
      const answer = Buffer.concat(chunks);
      const end = answer.indexOf('\r\n\r\n');
      const headers = answer
        .subarray(0, end)
        .toString('latin1')
        .split('\r\n')
        .map((line) => line.split(/: */, 2) as [string, string]);
      const status = headers.find(([name]) => name === 'Status')?.[1] ?? '200';
      response.writeHead(Number.parseInt(status, 10), Object.fromEntries(headers));
      response.end(answer.subarray(end + 4));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    configuration: `[url "http://127.0.0.1:${port}/"]\n\tinsteadOf = https://github.com/\n`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
