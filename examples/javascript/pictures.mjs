// A sitting of a simulated brain; its first pictures are saved.
// node pictures.mjs KEY [http://127.0.0.1:8008] [folder]     (Node 22; before: see docs)

import { mkdir, writeFile } from 'node:fs/promises';
import { Phosphene } from '../../clients/javascript/phosphene.js';

const PICTURES = 5;
const [key, baseUrl, folder = 'pictures'] = process.argv.slice(2);
const phosphene = new Phosphene({ baseUrl, key });
await mkdir(folder, { recursive: true });

const sitting = await phosphene.sittings.create('me', 'simulator', { duration_minutes: 5, seed: 7 });
let saved = 0;
for await (const { jpeg, about } of phosphene.sittings.pictures(sitting.session_id)) {
  const path = `${folder}/${String(about.sequence).padStart(6, '0')}.jpg`;
  await writeFile(path, jpeg);
  console.log(`${path}: ${about.metadata.prompt}`);
  saved += 1;
  if (saved === PICTURES) break;
}
const ended = await phosphene.sittings.end(sitting.session_id);
console.log(`${ended.status}: ${ended.summary.total_images} pictures`);
