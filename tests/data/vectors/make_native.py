#!/usr/bin/python3
"""Makes native.json: packets of the native suite, by a second implementation of totem-crypto.md appendix B.

Needs python3-cryptography. HChaCha20 is written out here; everything else is hashlib's and OpenSSL's.
"""
import hashlib
import json
import struct
import sys

from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305


def hchacha20(key, nonce16):
    def rotate(x, n):
        return ((x << n) | (x >> (32 - n))) & 0xFFFFFFFF

    def quarter(s, a, b, c, d):
        s[a] = (s[a] + s[b]) & 0xFFFFFFFF
        s[d] = rotate(s[d] ^ s[a], 16)
        s[c] = (s[c] + s[d]) & 0xFFFFFFFF
        s[b] = rotate(s[b] ^ s[c], 12)
        s[a] = (s[a] + s[b]) & 0xFFFFFFFF
        s[d] = rotate(s[d] ^ s[a], 8)
        s[c] = (s[c] + s[d]) & 0xFFFFFFFF
        s[b] = rotate(s[b] ^ s[c], 7)

    s = list(struct.unpack("<16I", b"expand 32-byte k" + key + nonce16))
    for _ in range(10):
        for columns in ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
                        (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)):
            quarter(s, *columns)
    return struct.pack("<8I", *(s[0:4] + s[12:16]))


def master_key(cluster, key):
    name = cluster.encode()
    return hashlib.blake2b(struct.pack(">H", len(name)) + name + key, digest_size=32,
                           person=b"totem-native-v1\0").digest()


def packet_key(master, suite, ring, sender, session):
    return hashlib.blake2b(struct.pack(">BBIQ", suite, ring, sender, session), digest_size=32, key=master).digest()


def seal(v, plain):
    suite = {"xchacha20": 1, "aes256-gcm": 2}[v["cipher"]]
    key = packet_key(master_key(v["cluster"], bytes.fromhex(v["key"])), suite, v["ring"], v["sender"], v["session"])
    header = bytes.fromhex("f5544e31") + struct.pack(">BBBBIQQ", suite, v["key_id"], v["ring"], 0, v["sender"],
                                                     v["session"], v["counter"])
    if suite == 1:  # XChaCha20, draft-irtf-cfrg-xchacha: a 24 byte nonce
        nonce = struct.pack(">16xQ", v["counter"])
        return header + ChaCha20Poly1305(hchacha20(key, nonce[:16])).encrypt(bytes(4) + nonce[16:], plain, header)
    return header + AESGCM(key).encrypt(struct.pack(">4xQ", v["counter"]), plain, header)


def main():
    # The example of draft-irtf-cfrg-xchacha section 2.2.1.
    assert hchacha20(bytes(range(32)), bytes.fromhex("000000090000004a0000000031415927")).hex() == \
        "82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc"
    keys = [bytes(range(128)), hashlib.shake_256(b"totem").digest(128), hashlib.shake_256(b"long").digest(4096)]
    out = []
    for cipher in ("xchacha20", "aes256-gcm"):
        for size in (0, 1, 12, 15, 16, 17, 70, 1376, 10000):
            n = len(out)
            vector = {"cipher": cipher, "cluster": ["lab", "", "a name with ä"][n % 3], "key": keys[n // 2 % 3].hex(),
                      "key_id": [0, 1, 255][n % 3], "ring": n % 2, "sender": [1, 3, 0xFFFFFFFE][n // 3 % 3],
                      "session": [1, 1795000000000000000, 2**64 - 1][n // 2 % 3],
                      "counter": [1, 2, 2**32, 2**64 - 1][n % 4]}
            plain = hashlib.shake_256(bytes([n])).digest(size)
            out.append(vector | {"plaintext": plain.hex(), "packet": seal(vector, plain).hex()})
    json.dump({"vectors": out}, sys.stdout, indent=1)
    print()


main()
