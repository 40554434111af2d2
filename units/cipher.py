"""Secrets that have to be read again, encrypted where they are kept with a key made from SECRET_KEY."""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Unreadable(Exception):
    """It was encrypted under a secret key that is no longer known here, or it is damaged."""


def encrypt(words: str, purpose: str) -> str:
    """The words as a text that only the same purpose and secret key open."""
    return _keys(purpose).encrypt(words.encode()).decode()


def decrypt(sealed: str, purpose: str) -> str:
    """The words; also those from under SECRET_KEY_FALLBACKS. Raises Unreadable."""
    try:
        return _keys(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken as problem:
        raise Unreadable(purpose) from problem


def _keys(purpose: str) -> MultiFernet:
    """The first one encrypts, every one opens."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    derived = (HKDF(SHA256(), 32, salt=None, info=purpose.encode()).derive(secret.encode()) for secret in secrets)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in derived])
