// @ts-check
/**
 * The binary form of an image message: 4 bytes big-endian length of the header, the
 * header in msgpack, the encoded picture.
 */

import { decode } from "../vendor/msgpack/decode.esm.js";

/** @typedef {{word: string, weight: number, because: string}} Concept */
/** @typedef {{value: number, confidence: number, formula: string, source: string}} MoodAxis */
/**
 * @typedef {{
 *   timestamp: number, sequence: number, captured_at: number,
 *   latency_ms: Record<string, number>,
 *   metadata: {
 *     prompt: string, confidence: number, driven: boolean, model: string, seed: number,
 *     steps: number, width: number, height: number, format: string, device: string,
 *     concepts: Concept[], mood: {arousal?: MoodAxis, valence?: MoodAxis},
 *     features: Record<string, number>, known_words: string[], motion: number,
 *     palette: string[],
 *   },
 * }} ImageHead
 */

/**
 * @param {ArrayBuffer} message
 * @returns {{head: ImageHead, picture: Blob}}
 */
export function readFrame(message) {
  const length = new DataView(message).getUint32(0);
  const head = /** @type {ImageHead} */ (decode(new Uint8Array(message, 4, length)));
  const bytes = new Uint8Array(message, 4 + length);
  return { head, picture: new Blob([bytes], { type: `image/${head.metadata.format}` }) };
}
