// @ts-check
/**
 * A block of a stream of sound: a head of 24 bytes, little-endian, then 16-bit samples,
 * left and right in turn. See `protocols/sound.py`, `PCM_HEADER`.
 */

const MAGIC = 0x31534850; // "PHS1"
const HEAD_BYTES = 24;
const FULL = 32_768;

/**
 * @typedef {object} Block
 * @property {number} sfreq samples a second
 * @property {number} first index of the first sample since the server's run began
 * @property {number} at Unix seconds at which the first sample was due
 * @property {number} count samples of each side
 * @property {[Float32Array<ArrayBuffer>, Float32Array<ArrayBuffer>]} sides left, right; -1 to 1
 */

/**
 * @param {ArrayBuffer} message
 * @returns {Block | null} null: it is none
 */
export function readBlock(message) {
  if (message.byteLength < HEAD_BYTES) return null;
  const view = new DataView(message);
  if (view.getUint32(0, true) !== MAGIC) return null;
  const count = (message.byteLength - HEAD_BYTES) >> 2;
  const [left, right] = [new Float32Array(count), new Float32Array(count)];
  for (let i = 0, byte = HEAD_BYTES; i < count; i += 1, byte += 4) {
    left[i] = view.getInt16(byte, true) / FULL;
    right[i] = view.getInt16(byte + 2, true) / FULL;
  }
  return {
    sfreq: view.getUint32(4, true),
    first: Number(view.getBigUint64(8, true)),
    at: view.getFloat64(16, true),
    count,
    sides: [left, right],
  };
}
