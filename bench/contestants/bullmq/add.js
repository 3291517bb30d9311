// usage: node add.js REDIS-PORT JOBS     adds the jobs as fast as they are taken, in bulks of a thousand
const { Queue } = require('bullmq');

const [port, jobs] = process.argv.slice(2).map(Number);
const bulk = 1000;

async function main() {
  const queue = new Queue('notices', { connection: { host: '127.0.0.1', port } });
  for (let first = 0; first < jobs; first += bulk) {
    const some = [];
    for (let number = first; number < Math.min(first + bulk, jobs); ++number) {
      const to = '+8613' + String(number).padStart(9, '0');
      some.push({ name: 'notice', data: { to, balance: '-12.50', currency: 'CNY' }, opts: { removeOnComplete: true } });
    }
    await queue.addBulk(some);
  }
  await queue.close();
}

main();
