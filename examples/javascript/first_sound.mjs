// A bowl sounds: it is generated, played, seen as a spectrum, kept as a file.
// node first_sound.mjs [http://127.0.0.1:8008] [bowl.flac]     (Node 22; before: see docs)

import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { Phosphene } from '../../clients/javascript/phosphene.js';

const [baseUrl, path = 'bowl.flac'] = process.argv.slice(2);
const phosphene = new Phosphene({ baseUrl });

const made = await phosphene.audio.generate({ frequency: 136.1, duration: 20 });
console.log(`${made.samples} samples in ${made.generation_time_ms} ms, peak ${made.peak}`);
await pipeline(await phosphene.audio.file('flac'), createWriteStream(path));
console.log(`saved in ${path}`);

const playing = await phosphene.audio.play();
console.log(`it plays for ${playing.audio_duration} s; output: ${playing.output.state}`);

const { frequencies } = await phosphene.audio.spectrum();
for await (const message of phosphene.live({ topics: ['realtime_data'], rateHz: 5 })) {
  if (message.type !== 'realtime_data' || !message.audio_spectrum.some(Boolean)) continue;
  const loudest = message.audio_spectrum.indexOf(Math.max(...message.audio_spectrum));
  console.log(`loudest: about ${frequencies[loudest]} Hz`);
  break;
}

for await (const block of phosphene.audio.stream()) {
  console.log(`a block of ${block.samples} samples, first sample ${block.firstSample}`);
  break;
}

console.log((await phosphene.audio.stop()).message);
