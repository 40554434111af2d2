"""People at a real web server: cookies, tokens and forms over HTTP, from several threads at once."""

import http.cookiejar
import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier
from typing import Any, TypeVar

T = TypeVar("T")
PASSWORD = "Qingdan-2019-x"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, where redirects ended, and after how many seconds. status 0: the connection broke."""

    status: int
    text: str
    url: str
    seconds: float

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.text)


class Visitor:
    """One browser."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def sign_in(self, username: str) -> "Visitor":
        """This browser, signed in."""
        self.get("/login/")
        assert "/login/" not in self.post("/login/", {"username": username, "password": PASSWORD}).url
        return self

    def cookies(self) -> str:
        """The Cookie header."""
        return "; ".join(f"{one.name}={one.value}" for one in self.jar)

    def token(self) -> str:
        """The token that the browser holds."""
        return next((str(one.value) for one in self.jar if one.name == "csrftoken"), "")

    def get(self, path: str) -> Answer:
        """The page."""
        return self._open(urllib.request.Request(self.address + path))

    def post(
        self, path: str, data: dict[str, Any], files: Sequence[tuple[str, str, bytes]] = (), *, script: bool = False
    ) -> Answer:
        """What a form or a script sends. files: (field, name, content)."""
        body, kind = _multipart(data, files) if files else (urllib.parse.urlencode(data).encode(), _FORM)
        headers = {"Content-Type": kind, "X-CSRFToken": self.token(), "Referer": self.address + path}
        if script:
            headers |= {"Accept": "application/json", "X-Requested-With": "XMLHttpRequest"}
        return self._open(urllib.request.Request(self.address + path, data=body, headers=headers))

    def _open(self, request: urllib.request.Request) -> Answer:
        began = time.monotonic()
        try:
            with self.opener.open(request, timeout=60) as answer:
                text, status, url = answer.read().decode(), answer.status, answer.url
        except urllib.error.HTTPError as refused:
            text, status, url = refused.read().decode(), refused.code, refused.url
        except OSError as broken:
            text, status, url = str(broken), 0, request.full_url
        return Answer(status, text, url, time.monotonic() - began)


_FORM = "application/x-www-form-urlencoded"


def _multipart(data: dict[str, Any], files: Sequence[tuple[str, str, bytes]]) -> tuple[bytes, str]:
    boundary, parts = uuid.uuid4().hex, []
    for name, value in data.items():
        parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
    for field, name, content in files:
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n'
        parts.append(head.encode() + content + b"\r\n")
    return b"".join([*parts, f"--{boundary}--\r\n".encode()]), f"multipart/form-data; boundary={boundary}"


def key_on(page: str) -> str:
    """The click's key that a page's form carries."""
    found = re.search(r'name="key" value="([^"]+)"', page)
    assert found, "the page carries no key"
    return found[1]


def together(acts: Sequence[Callable[[], T]]) -> list[T]:
    """What each act gave, all started at the same moment."""
    start = Barrier(len(acts))

    def run(act: Callable[[], T]) -> T:
        start.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


# what the site's own shell runs first: an organisation, its people, and a round in self-assessment
OFFICE = """
from tests.assessments import office as o
from units.models import User
who = o.office()
admin = o.person(who.organisation, "admin")
for user, name in ((admin, "admin"), (who.office, "office"), (who.fillers[0], "filler"), (who.signers[0], "signer")):
    user.username = name
    user.set_password("Qingdan-2019-x")
    user.save()
spec = {f"指标 {top}": [(f"评估点 {top}-{at}", "4") for at in range(10)] for top in range(4)}
round_ = o.opened(who, spec=spec)
print(round_.pk, *round_.sheets.get().entries.order_by("pk").values_list("pk", flat=True))
"""
