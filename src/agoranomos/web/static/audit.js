/* Checks an entry of the audit log in the browser: its leaf is hashed here, led up to the root by the proof (RFC 9162,
   2.1.3.2), and the checkpoint that names the root is verified with the log's public key (C2SP signed-note, Ed25519).
   The server is asked for the proof and believed in nothing else. */
"use strict";

const bytesOf = (base64) => Uint8Array.from(atob(base64), (each) => each.charCodeAt(0));
const textOf = (text) => new TextEncoder().encode(text);
const same = (one, other) => one.length === other.length && one.every((each, place) => each === other[place]);
const joined = (...parts) => parts.reduce((all, part) => Uint8Array.from([...all, ...part]), new Uint8Array());
const hashed = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", joined(...parts)));

async function rootOf(proof) {
  let node = proof.index;
  let last = proof.size - 1;
  let root = await hashed([0], textOf(proof.leaf));
  for (const step of proof.path) {
    if (last === 0) return null;
    const sibling = bytesOf(step);
    if (node % 2 === 1 || node === last) {
      root = await hashed([1], sibling, root);
      while (node % 2 === 0 && node > 0) { node = Math.floor(node / 2); last = Math.floor(last / 2); }
    } else {
      root = await hashed([1], root, sibling);
    }
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 ? root : null;
}

async function signed(note, verifier) {
  const [name, , encoded] = partsOf(verifier.trim());
  if (!encoded) return false;
  const raw = bytesOf(encoded);
  const id = (await hashed(textOf(`${name}\n`), raw)).slice(0, 4);
  const key = await crypto.subtle.importKey("raw", raw.slice(1), { name: "Ed25519" }, false, ["verify"]);
  const cut = note.indexOf("\n\n");
  for (const line of note.slice(cut + 2).split("\n")) {
    const [dash, who, value] = line.split(" ");
    if (dash !== "\u2014" || who !== name) continue;
    const signature = bytesOf(value);
    if (same(signature.slice(0, 4), id)) {
      return crypto.subtle.verify({ name: "Ed25519" }, key, signature.slice(4), textOf(note.slice(0, cut + 1)));
    }
  }
  return false;
}

// name+hash+key: the key is base64 and may hold a plus itself.
function partsOf(verifier) {
  const first = verifier.indexOf("+");
  const second = verifier.indexOf("+", first + 1);
  return [verifier.slice(0, first), verifier.slice(first + 1, second), verifier.slice(second + 1)];
}

async function verdict(index, verifier) {
  if (!crypto.subtle) return "insecure";
  const answer = await fetch(`/v1/audit/proof/${index}`, { headers: { accept: "application/json" } });
  if (!answer.ok) return answer.status === 409 ? "unsigned" : "away";
  const proof = await answer.json();
  const lines = proof.checkpoint.split("\n");
  const root = await rootOf(proof);
  if (proof.index !== index || Number(lines[1]) !== proof.size || !root || !same(root, bytesOf(lines[2]))) return "broken";
  if (!verifier.trim()) return "included";
  try {
    return (await signed(proof.checkpoint, verifier)) ? "signed" : "forged";
  } catch {
    return "key";
  }
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-verify]");
  if (!button) return;
  const field = document.getElementById("verifier");
  const words = document.getElementById("verdicts").dataset;
  const shown = button.parentElement.querySelector("output");
  shown.textContent = "…";
  const found = await verdict(Number(button.dataset.verify), field.value).catch(() => "away");
  shown.textContent = words[found];
  shown.className = `tag ${{ signed: "tag-good", included: "tag-good", broken: "tag-stop", forged: "tag-stop" }[found] ?? "tag-care"}`;
});
