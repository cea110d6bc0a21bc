"""Secrets at rest: the key file, and what is sealed and digested under it.

One random master key lives in `secret.key` in the data folder, readable by its owner only. Every use has a key of its
own, derived from it; the master itself encrypts nothing.
"""

import os
import secrets
from contextlib import suppress
from hmac import digest as hmac_digest
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from polyroom.store.errors import KeyFileDamaged

KEY_FILE = "secret.key"
RESTORING = "restore.unfinished"
"""Lies in a folder while a restore moves files in it."""
_KEY_BYTES = 32
_NONCE_BYTES = 12


class Vault:
    """Seals small secrets (AES-256-GCM) and digests bearer secrets (HMAC-SHA256) for lookup.

    Args:
        master: 32 bytes of randomness, the content of the key file.
    """

    def __init__(self, master: bytes) -> None:
        self._master = master
        self._aead = AESGCM(self.derive_key(b"polyroom sealed secrets"))
        self._digest_key = self.derive_key(b"polyroom secret digests")

    def __repr__(self) -> str:
        return "Vault()"

    def derive_key(self, purpose: bytes) -> bytes:
        """32 bytes that belong to one purpose; the same after every start on the same key file."""
        return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=purpose).derive(self._master)

    def seal(self, plain: bytes, context: bytes) -> bytes:
        """Nonce, ciphertext and tag. `context` names what the secret belongs to; it cannot be opened elsewhere."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, plain, context)

    def unseal(self, sealed: bytes, context: bytes) -> bytes:
        """The plain bytes; raises KeyFileDamaged when key, context or content do not belong together."""
        try:
            return self._aead.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context)
        except (InvalidTag, ValueError):
            raise KeyFileDamaged(f"a stored secret does not open: it was sealed under another {KEY_FILE}") from None

    def digest(self, secret: str) -> bytes:
        """32 bytes by which a secret is found without being stored in the open."""
        return hmac_digest(self._digest_key, secret.encode("utf-8", "surrogatepass"), "sha256")


def open_vault(folder: Path, *, make: bool = True) -> Vault:
    """The vault of a data folder; folder and key file are made, private, when they are not there.

    `make` False refuses a missing key file: a new one could open nothing of what is sealed already.
    Raises KeyFileDamaged for that and for a file that holds no key, OSError where the folder cannot be written.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o077:
        folder.chmod(0o700)
    if (folder / RESTORING).exists():
        raise KeyFileDamaged(f"a restore into {folder} was cut off; run `polyroom restore --replace` again")
    path = folder / KEY_FILE
    if not path.exists():
        if not make:
            raise KeyFileDamaged(f"{path} is missing; bring back the file that belongs to this database")
        _make(path)
    text = path.read_text("ascii", "replace").strip()
    try:
        master = bytes.fromhex(text)
    except ValueError:
        master = b""
    if len(master) != _KEY_BYTES:
        raise KeyFileDamaged(f"{path} holds no key; bring back the file that belongs to this database")
    return Vault(master)


def _make(path: Path) -> None:
    """Write a whole file aside and link it to its name: of two processes the first wins, and nobody sees half of it."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(_KEY_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(aside, path)
    finally:
        aside.unlink()
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
