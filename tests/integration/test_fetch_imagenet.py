"""Fetching ImageNet weights; the server is on loopback."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from fourview import imagenet_weights
from fourview.core.errors import WeightsError
from fourview.imagenet_weights import FILE, fetch_imagenet
from support.command import fourview

CONTENT = b"weights" * 1000


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(autouse=True)
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "served"
    folder.mkdir()
    (folder / FILE).write_bytes(CONTENT)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("FOURVIEW_IMAGENET_URL", f"http://127.0.0.1:{server.server_port}/")
    yield folder
    server.shutdown()
    thread.join()
    server.server_close()


def expect(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    start = hashlib.sha256(content).hexdigest()[:8]
    monkeypatch.setattr(imagenet_weights, "SHA256_START", start)


def test_the_verified_file_is_kept_and_not_fetched_twice(
    tmp_path: Path, served: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expect(CONTENT, monkeypatch)
    path = fetch_imagenet(tmp_path / "kept")
    assert path.read_bytes() == CONTENT
    (served / FILE).unlink()
    assert fetch_imagenet(tmp_path / "kept") == path


def test_another_file_is_refused_and_nothing_is_kept(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="not the file that was meant"):
        fetch_imagenet(tmp_path / "kept")
    assert list((tmp_path / "kept").iterdir()) == []


def test_the_command_tells_whose_the_weights_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expect(CONTENT, monkeypatch)
    ran = fourview("weights", "fetch", "imagenet", "-o", tmp_path / "kept")
    assert ran.code == 0, ran.err
    assert ran.out.strip() == str(tmp_path / "kept" / FILE)
    assert "torchvision" in ran.err
