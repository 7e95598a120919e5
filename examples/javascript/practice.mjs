// A practice from its making to its end, and what the server says of it meanwhile.
// node practice.mjs [http://127.0.0.1:8008] [seconds]     (Node 22; before: see docs)

import { Phosphene } from '../../clients/javascript/phosphene.js';

const [baseUrl, seconds = '10'] = process.argv.slice(2);
const phosphene = new Phosphene({ baseUrl });
const live = phosphene.live({ topics: ['domain_event'] });
await live.opened; // nothing is missed from here on

const practice = await phosphene.practices.create({
  name: 'Evening', duration: Number(seconds), intention: 'peace', frequency: 432,
});
console.log(`${practice.id} ${practice.status}`);
await phosphene.practices.start(practice.id);

for await (const message of live) {
  if (message.type !== 'domain_event' || message.payload.session_id !== practice.id) continue;
  console.log(message.event_name);
  if (message.event_name === 'SESSION_COMPLETED') break;
}

const over = await phosphene.practices.status(practice.id);
console.log(`${over.status} after ${over.elapsed} s`);
console.log((await phosphene.practices.delete(practice.id)).message);
