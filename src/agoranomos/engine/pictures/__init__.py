"""Pictures: decoding within bounds, signatures that survive edits, an index of known pictures, groups of same ones.

The face: `signature.signature` (bytes to signature or skip), `index.Index` (build, added, search), `clusters.cluster`;
for files and nights `files.signed_files` with `cache.SignatureCache` and `guard.Guard`; `barcodes`, `words`.
"""
