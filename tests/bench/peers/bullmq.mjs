// BullMQ on Redis: jobs added by addBulk, then worked off by one Worker. Prints one JSON object for each of the two.
//
//   node bullmq.mjs PORT SERVER-PID MESSAGES SIZE SECONDS        neither part takes longer than SECONDS
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

// From the folder in which the packages were installed, which is the working directory.
const { Queue, Worker } = createRequire(`${process.cwd()}/`)('bullmq');

const [port, pid, messages, size, seconds] = process.argv.slice(2).map(Number);
const connection = { host: '127.0.0.1', port, maxRetriesPerRequest: null };
const bulk = 1_000;
const bulksAtOnce = 4;
const concurrency = 32;
const ticksPerSecond = 100;
const pageBytes = 4_096;

function serverUsage() {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ').map(Number);
    const ticks = fields[11] + fields[12] + fields[13] + fields[14];
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
    return { cpuSeconds: ticks / ticksPerSecond, rssBytes: pages * pageBytes };
}

function print(workload, count, began, ended, before) {
    const after = serverUsage();
    const taken = (ended - began) / 1000;
    console.log(JSON.stringify({
        workload, messages: count, size, seconds: taken, messages_per_second: count / taken, rss_bytes: after.rssBytes,
        server_cpu_seconds_per_million: ((after.cpuSeconds - before.cpuSeconds) * 1e6) / Math.max(count, 1),
    }));
}

async function addJobs(queue) {
    const data = { payload: randomBytes(size).toString('base64').slice(0, size) };
    const opts = { removeOnComplete: true, removeOnFail: true };
    const before = serverUsage();
    const began = performance.now();
    let added = 0;
    const lane = async () => {
        while (added < messages && performance.now() - began < seconds * 1000) {
            const count = Math.min(bulk, messages - added);
            added += count;
            await queue.addBulk(Array.from({ length: count }, () => ({ name: 'job', data, opts })));
        }
    };
    await Promise.all(Array.from({ length: bulksAtOnce }, lane));
    print('add-jobs', added, began, performance.now(), before);
    return added;
}

async function processJobs(jobs) {
    const before = serverUsage();
    const began = performance.now();
    let done = 0;
    let failure;
    const worker = new Worker('bench', async () => undefined, { connection, concurrency });
    await new Promise((resolve, reject) => {
        const timer = setTimeout(resolve, seconds * 1000);
        worker.on('completed', () => {
            done += 1;
            if (done === jobs) {
                clearTimeout(timer);
                resolve();
            }
        });
        worker.on('failed', (_, error) => reject(error));
        worker.on('error', (error) => { failure = error; });
    });
    print('process-jobs', done, began, performance.now(), before);
    await worker.close(true);
    if (failure) {
        throw failure;
    }
}

const queue = new Queue('bench', { connection });
await queue.waitUntilReady();
await processJobs(await addJobs(queue));
await queue.close();
process.exit(0);
