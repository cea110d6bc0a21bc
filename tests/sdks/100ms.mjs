// Calls the vendor's server SDK for a test: one JSON line in, {"call", "args"}, one JSON line out, {"value"} or
// {"error"}, and how many requests it took. A list is walked to its end as the SDK walks it.
import { createInterface } from 'node:readline';
import { SDK } from '@100mslive/server-sdk';

const [base, accessKey, secret] = process.argv.slice(2);
const sdk = new SDK(accessKey, secret);
sdk.api.axios.defaults.baseURL = base;
let requests = 0;
sdk.api.axios.interceptors.request.use((config) => {
  requests += 1;
  return config;
});

async function walked(found) {
  if (found?.[Symbol.asyncIterator] === undefined) return found;
  const all = [];
  for await (const one of found) all.push(one);
  return all;
}

async function answer({ call, args = [] }) {
  requests = 0;
  try {
    const path = call.split('.');
    const method = path.pop();
    const owner = path.reduce((object, name) => object[name], sdk);
    return { value: (await walked(await owner[method](...args))) ?? null, requests };
  } catch (error) {
    return { error: { code: error.code, name: error.name, message: error.message }, requests };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`);
}
