// Telnyx' JavaScript SDK against a server: prints what it saw as one JSON object.
//   node telnyx.mjs BASE_URL API_KEY
import Telnyx from "telnyx";

const [baseURL, apiKey] = process.argv.slice(2);
let requests = 0;
const counted = (...what) => {
  requests += 1;
  return fetch(...what);
};
const client = new Telnyx({ apiKey, baseURL, fetch: counted });
const keyless = new Telnyx({ apiKey: null, baseURL, fetch: counted });

async function refused(call) {
  const before = requests;
  try {
    await call();
  } catch (error) {
    const { code, errors } = error.error ?? {};
    return { name: error.constructor.name, status: error.status, code, errors: errors?.length, requests: requests - before };
  }
  return null;
}

async function walked(list) {
  const before = requests;
  const ids = [];
  for await (const one of list) ids.push(one.id);
  return { ids, requests: requests - before };
}

const made = [];
for (let number = 0; number < 55; number += 1) {
  made.push((await client.rooms.create({ unique_name: `node ${number}` })).data);
}
const room = made[0];
const changed = (await client.rooms.update(room.id, { max_participants: 3, webhook_event_url: "https://example.com/a" })).data;
const tokens = (await client.rooms.actions.generateJoinClientToken(room.id, { token_ttl_secs: 60 })).data;
const refreshed = (await keyless.rooms.actions.refreshClientToken(room.id, { refresh_token: tokens.refresh_token })).data;
const today = new Date().toISOString().slice(0, 10);
const seen = {
  made: made.map((one) => one.id),
  changed,
  retrieved: (await client.rooms.retrieve(room.id, { include_sessions: true })).data,
  tokens: Object.keys(tokens).sort(),
  refreshed: Object.keys(refreshed).sort(),
  all: await walked(client.rooms.list({ "page[size]": 25 })),
  named: await walked(client.rooms.list({ filter: { unique_name: "node 7", date_created_at: { lte: today } } })),
  none: await walked(client.rooms.list({ filter: { date_created_at: { lte: "2000-01-01" } } })),
  sessions: await walked(
    client.rooms.sessions.list1(room.id, { filter: { active: true }, include_participants: true }),
  ),
  refusals: {
    taken: await refused(() => client.rooms.create({ unique_name: "node 1" })),
    wrong: await refused(() => client.rooms.create({ max_participants: 1, webhook_event_url: "x" })),
    unknown: await refused(() => client.rooms.retrieve("00000000-0000-7000-8000-000000000000")),
    keyless: await refused(() => keyless.rooms.create({})),
    refresh: await refused(() => keyless.rooms.actions.refreshClientToken(room.id, { refresh_token: "x" })),
  },
};
await client.rooms.delete(room.id);
seen.deleted = await refused(() => client.rooms.retrieve(room.id));
seen.token = (await client.rooms.actions.generateJoinClientToken(made[1].id, {})).data.token;
console.log(JSON.stringify(seen));
