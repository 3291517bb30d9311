// usage: node work.js REDIS-PORT URL     sends each job as a message, 64 at a time, until it is stopped
const http = require('node:http');
const { Worker } = require('bullmq');

const [port, url] = process.argv.slice(2);
const width = 64;
const agent = new http.Agent({ keepAlive: true, maxSockets: width });
const target = new URL(url);

function send(to, text) {
  const body = JSON.stringify({ to, text });
  const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body), 'X-To': to };
  return new Promise((resolve, reject) => {
    const request = http.request(target, { method: 'POST', agent, headers }, (response) => {
      let said = '';
      response.on('data', (part) => (said += part));
      response.on('end', () => (response.statusCode === 200 ? resolve(JSON.parse(said).id) : reject(new Error(said))));
    });
    request.on('error', reject);
    request.end(body);
  });
}

const notice = async ({ data }) => send(data.to, `You owe ${data.currency} ${-data.balance}. Please pay within three days.`);
const connection = { host: '127.0.0.1', port: Number(port) };
const worker = new Worker('notices', notice, { connection, concurrency: width });
worker.on('ready', () => console.log('ready'));
process.on('SIGTERM', () => process.exit(0));
