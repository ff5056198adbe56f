"""Fetching the released weights: whole and verified, or nothing. All servers are on loopback."""

from __future__ import annotations

import hashlib
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from fourview.core.errors import WeightsError
from fourview.io import download as download_module
from fourview.io.checkpoint import read_weights
from fourview.io.download import download, git_blob_id
from fourview.released_weights import (
    COMMIT,
    LICENCE_NOTICE,
    RELEASED_FILES,
    ReleasedFile,
    fetch_released,
    weights_folder,
)
from fourview.weights import import_weights

Answer = Callable[[BaseHTTPRequestHandler], None]
BODY = bytes(range(256)) * 4096  # 1 MiB: several chunks


def blob_id(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


class Server:
    """Answers each path as the test says; 404 for any other."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        self.release = threading.Event()
        """Set at the end: an answer that waits on it never outlives the test."""
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked.append(self.path)
                answer = server.answers.get(self.path)
                if answer is None:
                    self.send_error(404)
                    return
                answer(self)

            def log_message(self, *_: Any) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = False  # so that closing waits for them
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def close(self) -> None:
        self.release.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "*")  # loopback is never reached through a proxy
    server = Server()
    yield server
    server.close()


def sends(content: bytes, *, length: int | None = None) -> Answer:
    """Answers with the content; `length` is what Content-Length claims (-1: nothing)."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        if length != -1:
            request.send_header("Content-Length", str(len(content) if length is None else length))
        request.end_headers()
        try:
            request.wfile.write(content)
        except ConnectionError:
            request.close_connection = True  # the client may have had enough

    return answer


def chunked_and_broken(request: BaseHTTPRequestHandler) -> None:
    """Half of a chunk that was announced, then the end."""
    request.protocol_version = "HTTP/1.1"
    request.send_response(200)
    request.send_header("Transfer-Encoding", "chunked")
    request.end_headers()
    request.wfile.write(b"100000\r\n" + BODY[: len(BODY) // 2])
    request.close_connection = True


def not_http(request: BaseHTTPRequestHandler) -> None:
    request.wfile.write(b"what do you want?\r\n\r\n")


# --- one download ---------------------------------------------------------------------------------


def test_a_good_download_is_there_and_nothing_else(server: Server, tmp_path: Path) -> None:
    server.answers["/w.p"] = sends(BODY)
    seen: list[tuple[int, int | None]] = []
    target = tmp_path / "new" / "w.p"
    download(
        f"{server.url}/w.p",
        target,
        sha1_blob=blob_id(BODY),
        on_progress=lambda arrived, total: seen.append((arrived, total)),
    )
    assert target.read_bytes() == BODY
    assert list(target.parent.iterdir()) == [target]
    assert seen[-1] == (len(BODY), len(BODY))
    assert seen == sorted(seen)


def test_a_body_of_untold_length_is_taken_when_its_hash_is_right(
    server: Server, tmp_path: Path
) -> None:
    server.answers["/w.p"] = sends(BODY, length=-1)
    seen: list[int | None] = []
    target = tmp_path / "w.p"
    download(
        f"{server.url}/w.p",
        target,
        sha1_blob=blob_id(BODY),
        on_progress=lambda _, total: seen.append(total),
    )
    assert target.read_bytes() == BODY
    assert set(seen) == {None}


def test_the_id_is_gits(tmp_path: Path) -> None:
    """`printf 'hello\\n' | git hash-object --stdin`, and the id of the empty blob."""
    file = tmp_path / "hello"
    file.write_bytes(b"hello\n")
    assert git_blob_id(file) == "ce013625030ba8dba906f756967f9e9ca394464a"
    file.write_bytes(b"")
    assert git_blob_id(file) == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"


BAD_ANSWERS = {
    "other bytes": (sends(BODY[::-1]), "not the file that was meant"),
    "a page instead": (sends(b"<html>please log in</html>"), "not the file that was meant"),
    "nothing": (sends(b""), "not the file that was meant"),
    "too long": (sends(BODY + b"!"), "not the file that was meant"),
    "half, of told length": (sends(BODY[:600_000], length=len(BODY)), "600000 of 1048576 bytes"),
    "half, of untold length": (sends(BODY[:600_000], length=-1), "not the file that was meant"),
    "half of a chunk": (chunked_and_broken, "broken off"),
    "not HTTP": (not_http, "broken off after 0 bytes"),
    "gone": (lambda request: request.send_error(404), "answered 404"),
    "server's fault": (lambda request: request.send_error(503), "answered 503"),
}


@pytest.mark.parametrize("case", BAD_ANSWERS)
@pytest.mark.parametrize("before", [None, b"an older file"], ids=["new", "replacing"])
def test_a_bad_answer_leaves_everything_as_it_was(
    server: Server, tmp_path: Path, case: str, before: bytes | None
) -> None:
    answer, message = BAD_ANSWERS[case]
    server.answers["/w.p"] = answer
    target = tmp_path / "w.p"
    if before:
        target.write_bytes(before)
    with pytest.raises(WeightsError, match=message) as caught:
        download(f"{server.url}/w.p", target, sha1_blob=blob_id(BODY))
    assert f"{server.url}/w.p" in caught.value.problem
    assert "nothing was kept" in caught.value.hint
    assert [path.read_bytes() for path in tmp_path.iterdir()] == ([before] if before else [])


def test_a_silent_server_is_given_up(server: Server, tmp_path: Path) -> None:
    server.answers["/w.p"] = lambda _: server.release.wait(30) and None
    with pytest.raises(WeightsError, match="timed out"):
        download(f"{server.url}/w.p", tmp_path / "w.p", sha1_blob=blob_id(BODY), timeout_s=0.2)
    assert list(tmp_path.iterdir()) == []


def test_a_body_without_end_is_given_up(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download_module, "MAX_BYTES", 300_000)
    server.answers["/w.p"] = sends(BODY)
    with pytest.raises(WeightsError, match="more than 300000 bytes"):
        download(f"{server.url}/w.p", tmp_path / "w.p", sha1_blob=blob_id(BODY))
    assert list(tmp_path.iterdir()) == []


def test_no_network_is_one_clear_error(server: Server, tmp_path: Path) -> None:
    url = server.url
    server.close()  # now nobody listens there
    with pytest.raises(WeightsError, match=r"no connection: .*refused") as caught:
        download(f"{url}/w.p", tmp_path / "w.p", sha1_blob=blob_id(BODY))
    assert "fourview weights import" in caught.value.hint
    assert list(tmp_path.iterdir()) == []


def test_an_address_that_is_none_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="cannot be downloaded"):
        download("nowhere", tmp_path / "w.p", sha1_blob=blob_id(BODY))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(WeightsError, match="cannot be written to"):
        download("http://127.0.0.1:9/", tmp_path / "file" / "w.p", sha1_blob=blob_id(BODY))


def test_ctrl_c_leaves_nothing(server: Server, tmp_path: Path) -> None:
    """A real interrupt, of another process, in the middle of a body."""

    def half_then_wait(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", str(len(BODY)))
        request.end_headers()
        request.wfile.write(BODY[: len(BODY) // 2])
        server.release.wait(30)

    server.answers["/w.p"] = half_then_wait
    code = (
        "import sys; from pathlib import Path; from fourview.io.download import download\n"
        "url, path = sys.argv[1:]\n"
        "def tell(arrived, total):\n"
        "    print(arrived, len(list(Path(path).parent.iterdir())), flush=True)\n"
        "download(url, Path(path), sha1_blob='', on_progress=tell)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, f"{server.url}/w.p", str(tmp_path / "w.p")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        arrived, files = process.stdout.readline().split()
        assert int(arrived) > 0
        assert files == "1"  # it was growing, under another name
        process.send_signal(signal.SIGINT)
        _, talk = process.communicate(timeout=30)
    assert "KeyboardInterrupt" in talk
    assert process.returncode != 0
    assert list(tmp_path.iterdir()) == []


# --- the five files -------------------------------------------------------------------------------

SMALL = {f"weights-{i}": f"models/{i}.p" for i in range(5)}
CONTENT = {name: (name * 1000).encode() for name in SMALL}
FILES = {name: ReleasedFile(path, blob_id(CONTENT[name])) for name, path in SMALL.items()}


def copy(files: Sequence[Path], out: Path) -> None:
    """An importer that translates nothing."""
    (file,) = files
    shutil.copyfile(file, out)


@pytest.fixture
def release(server: Server) -> Server:
    """A server that has all of `FILES`."""
    for name, path in SMALL.items():
        server.answers[f"/{COMMIT}/{path}"] = sends(CONTENT[name])
    return server


def test_all_files_come_translated_and_in_order(release: Server, tmp_path: Path) -> None:
    folder = tmp_path / "cache" / "weights"
    seen: list[tuple[str, int, int | None]] = []
    fetched = fetch_released(
        folder,
        importer=copy,
        base_url=f"{release.url}/",
        on_progress=lambda *progress: seen.append(progress),
        files=FILES,
    )
    assert fetched == [folder / f"{name}.safetensors" for name in FILES]
    assert {path.stem: path.read_bytes() for path in folder.iterdir()} == CONTENT
    assert seen == [(name, len(CONTENT[name]), len(CONTENT[name])) for name in FILES]


def test_fetching_again_replaces(release: Server, tmp_path: Path) -> None:
    (tmp_path / "weights-1.safetensors").write_bytes(b"older")
    (tmp_path / "mine.safetensors").write_bytes(b"mine")
    fetch_released(tmp_path, importer=copy, base_url=release.url, files=FILES)
    assert (tmp_path / "weights-1.safetensors").read_bytes() == CONTENT["weights-1"]
    assert (tmp_path / "mine.safetensors").read_bytes() == b"mine"


def test_a_mirror_may_be_named_in_the_environment(
    release: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOURVIEW_RELEASED_URL", release.url)
    assert len(fetch_released(tmp_path, importer=copy, files=FILES)) == 5


@pytest.mark.parametrize("existing", [False, True], ids=["new folder", "folder in use"])
@pytest.mark.parametrize("case", BAD_ANSWERS)
def test_one_bad_file_of_five_leaves_nothing(
    release: Server, tmp_path: Path, case: str, existing: bool
) -> None:
    release.answers[f"/{COMMIT}/models/3.p"], message = BAD_ANSWERS[case]
    folder = tmp_path / "a" / "b"
    if existing:
        folder.mkdir(parents=True)
        (folder / "weights-0.safetensors").write_bytes(b"older")
    imported: list[Path] = []
    with pytest.raises(WeightsError, match=message):
        fetch_released(
            folder,
            importer=lambda _, out: imported.append(out),
            base_url=release.url,
            files=FILES,
        )
    assert imported == []
    if existing:
        assert [path.read_bytes() for path in folder.iterdir()] == [b"older"]
    else:
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "error", [WeightsError("not a released file"), OSError("disk full"), KeyboardInterrupt()]
)
def test_a_translation_that_fails_leaves_nothing(
    release: Server, tmp_path: Path, error: BaseException
) -> None:
    def importer(files: Sequence[Path], out: Path) -> None:
        copy(files, out)
        if out.stem == "weights-4":
            raise error

    expected = WeightsError if isinstance(error, OSError) else type(error)
    with pytest.raises(expected):
        fetch_released(tmp_path / "weights", importer=importer, base_url=release.url, files=FILES)
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_between_downloads_leaves_nothing(release: Server, tmp_path: Path) -> None:
    def stop(name: str, _arrived: int, _total: int | None) -> None:
        if name == "weights-2":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch_released(
            tmp_path / "weights",
            importer=copy,
            base_url=release.url,
            on_progress=stop,
            files=FILES,
        )
    assert list(tmp_path.iterdir()) == []


def test_a_move_that_stops_half_way_takes_the_new_files_back(
    release: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = Path.replace

    def stop(self: Path, target: Path) -> Path:
        if target.name == "weights-3.safetensors":
            raise KeyboardInterrupt
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", stop)
    with pytest.raises(KeyboardInterrupt):
        fetch_released(tmp_path / "weights", importer=copy, base_url=release.url, files=FILES)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_is_a_file_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    with pytest.raises(WeightsError, match="taken"):
        fetch_released(tmp_path / "taken", importer=copy)


def test_files_in_the_released_format_arrive_as_weights_of_ours(
    server: Server, tmp_path: Path, parity: Path
) -> None:
    """With random weights in the released files' own format, through the true importer."""
    files = {}
    for name, file in RELEASED_FILES.items():
        source = parity / "weights" / Path(file.path).name
        if source.exists():
            server.answers[f"/{COMMIT}/{file.path}"] = sends(source.read_bytes())
            files[name] = ReleasedFile(file.path, git_blob_id(source))
    assert len(files) == 4
    fetched = fetch_released(tmp_path, importer=import_weights, base_url=server.url, files=files)
    assert [path.stem for path in fetched] == list(files)
    for path in fetched:
        info, tensors = read_weights(path)
        assert tensors
        assert info.arithmetic == "released"
        assert info.architecture == (
            "patch_densenet121" if path.stem == "released-patch" else "breast_model"
        )


# --- what is known of the release -----------------------------------------------------------------


def test_the_table_is_the_releases(shared_data: Path) -> None:
    """Paths, git blob ids and commit, as the authors' repository has them."""
    rows = [row.split(",") for row in (shared_data / "released-blobs.csv").read_text().split()[1:]]
    listed = {path: blob for path, blob, commit in rows if commit == COMMIT}
    assert {file.path: file.blob for file in RELEASED_FILES.values()} == {
        path: blob for path, blob in listed.items() if path.startswith("models/")
    }


def test_the_notice_names_owner_licence_and_link() -> None:
    for word in ("Wu et al.", "AGPL-3.0", "Apache-2.0", "https://", "not part of fourview"):
        assert word in LICENCE_NOTICE


def test_the_weights_folder_follows_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("FOURVIEW_WEIGHTS", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert weights_folder() == tmp_path / ".cache" / "fourview" / "weights"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert weights_folder() == tmp_path / ".cache" / "fourview" / "weights"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert weights_folder() == tmp_path / "cache" / "fourview" / "weights"
    monkeypatch.setenv("FOURVIEW_WEIGHTS", "~/mine")
    assert weights_folder() == tmp_path / "mine"
