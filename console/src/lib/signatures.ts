const encoder = new TextEncoder();

/** SHA-256 in lower-case hex. */
export async function sha256(bytes: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', typeof bytes === 'string' ? encoder.encode(bytes) : bytes);
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Ed25519, keys and signatures in hex. */
export async function verifySignature(publicKey: string, signature: string, text: string): Promise<boolean> {
  try {
    const key = await crypto.subtle.importKey('raw', fromHex(publicKey), { name: 'Ed25519' }, false, ['verify']);
    return await crypto.subtle.verify({ name: 'Ed25519' }, key, fromHex(signature), encoder.encode(text));
  } catch {
    return false;
  }
}

export function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(hex.length / 2);
  for (let place = 0; place < out.length; ++place) out[place] = Number.parseInt(hex.slice(place * 2, place * 2 + 2), 16);
  return out;
}

/** What a record commits to (docs/formats/audit-record-v1.md): SHA-256(00 ‖ salt ‖ bytes). */
export async function commitment(salt: string, content: Uint8Array<ArrayBuffer>): Promise<string> {
  const bytes = fromHex(salt);
  const all = new Uint8Array(1 + bytes.length + content.length);
  all.set(bytes, 1);
  all.set(content, 1 + bytes.length);
  return await sha256(all);
}
