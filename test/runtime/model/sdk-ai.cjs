// What `cloud.ai()` of wx-server-sdk asks for, in a process of its own: its HTTPS goes to a loopback server over HTTP.
const http = require('node:http');
const https = require('node:https');
const [origin] = process.argv.slice(2);
https.request = (address, { agent: _agent, ...options }, done) => {
  const { host, pathname } = new URL(address);
  process.stdout.write(`${host}${pathname}\n`);
  return http.request(`${origin}${pathname}`, options, done);
};
const cloud = require('wx-server-sdk');
cloud.init({ env: cloud.DYNAMIC_CURRENT_ENV });
(async () => {
  const model = cloud.ai().createModel('cloudbase');
  const { textStream } = await model.streamText({
    model: 'a-model',
    messages: [{ role: 'user', content: '几点发货' }],
  });
  for await (const text of textStream) process.stdout.write(`${text}\n`);
})();
