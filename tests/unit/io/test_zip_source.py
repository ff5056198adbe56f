from __future__ import annotations

import stat
import struct
import zipfile
from pathlib import Path

import pytest

from fourview.io.exams.zip_source import Sources, ZipLimits, open_sources


def zipped(path: Path, members: dict[str, bytes], *, compression: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def opened(*paths: Path, limits: ZipLimits | None = None) -> tuple[Sources, dict[str, bytes]]:
    """What the paths became, and the files below them while they were open."""
    with open_sources(paths, limits=limits) as sources:
        found = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for folder in sources.paths
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
    return sources, found


def test_an_archive_becomes_a_folder_of_its_name_until_the_end(tmp_path: Path) -> None:
    path = zipped(tmp_path / "exam 7.zip", {"a/L-CC.png": b"x", "a\\R-CC.png": b"y", "b/": b""})
    sources, found = opened(path)
    assert found == {"a/L-CC.png": b"x", "a/R-CC.png": b"y"}
    assert [folder.name for folder in sources.paths] == ["exam 7"]
    assert not sources.paths[0].parent.exists()


def test_other_paths_stay_as_they_are(tmp_path: Path) -> None:
    folder = tmp_path / "a.zip"
    folder.mkdir()
    with open_sources([folder, tmp_path / "x.png"]) as sources:
        assert sources == Sources((folder, tmp_path / "x.png"))


def test_what_systems_leave_in_archives_is_not_unpacked(tmp_path: Path) -> None:
    members = {"__MACOSX/._L-CC.png": b"x", ".DS_Store": b"x", "a/.hidden/b": b"x", "c": b"c"}
    assert opened(zipped(tmp_path / "a.zip", members))[1] == {"c": b"c"}


@pytest.mark.parametrize(
    "name", ["../x", "a/../../x", "/etc/x", "..\\x", "C:\\x", "c:x", "\\\\server\\share\\x"]
)
def test_an_archive_that_would_write_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    sources, found = opened(zipped(tmp_path / "a.zip", {"L-CC.png": b"x", name: b"y"}))
    assert found == {}
    assert sources.paths == ()
    (refused,) = sources.refused
    assert refused.name == "a.zip"
    assert "would be written outside" in refused.reason
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip"]


def test_an_archive_with_a_link_is_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link")
    link.create_system = 3
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(link, "/etc")
    assert "is a link" in opened(tmp_path / "a.zip")[0].refused[0].reason


def test_an_encrypted_archive_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"L-CC.png": b"x"})
    content = bytearray(path.read_bytes())
    content[6] |= 1  # the flags of the file's own header, and of the directory
    content[content.index(b"PK\1\2") + 8] |= 1
    path.write_bytes(content)
    (refused,) = opened(path)[0].refused
    assert "is encrypted" in refused.reason
    assert refused.hint == "unpack it, and give the folder"


def test_a_name_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a/x": b"1", "a\\x": b"2"})
    assert "is there twice" in opened(path)[0].refused[0].reason


@pytest.mark.parametrize(
    "content", [b"", b"no archive", b"PK\3\4" + bytes(40)], ids=["empty", "text", "cut off"]
)
def test_what_is_no_archive_is_refused_in_one_line_and_the_others_go_on(
    tmp_path: Path, content: bytes
) -> None:
    bad = tmp_path / "bad.zip"
    bad.write_bytes(content)
    good = zipped(tmp_path / "good.zip", {"L-CC.png": b"x"})
    sources, found = opened(bad, tmp_path / "none.zip", good)
    assert found == {"L-CC.png": b"x"}
    assert [(r.name, "\n" in r.reason) for r in sources.refused] == [
        ("bad.zip", False),
        ("none.zip", False),
    ]


def test_a_damaged_file_inside_is_refused_alone(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"L-CC.png": b"0123456789", "R-CC.png": b"whole"})
    path.write_bytes(path.read_bytes().replace(b"0123456789", b"01234X6789", 1))
    sources, found = opened(path)
    assert found == {"R-CC.png": b"whole"}
    assert [(r.name, r.reason) for r in sources.refused] == [
        ("L-CC.png", "damaged inside its archive")
    ]


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (ZipLimits(members=2), "holds 3 files"),
        (ZipLimits(total_bytes=250_000), "unpacks to more than 250000 bytes"),
        (ZipLimits(ratio_from_bytes=50_000), "an archive bomb"),
    ],
)
def test_a_bomb_is_refused_and_leaves_nothing(
    tmp_path: Path, limits: ZipLimits, reason: str
) -> None:
    members = {name: bytes(100_000) for name in "abc"}
    path = zipped(tmp_path / "a.zip", members, compression=zipfile.ZIP_DEFLATED)
    sources, found = opened(path, limits=limits)
    assert found == {}
    assert reason in sources.refused[0].reason


def test_the_size_is_counted_and_not_taken_from_the_archive(tmp_path: Path) -> None:
    """An archive that claims small files cannot unpack to large ones."""
    path = zipped(tmp_path / "a.zip", {"a": bytes(100_000)}, compression=zipfile.ZIP_DEFLATED)
    size = struct.pack("<I", 100_000)
    path.write_bytes(path.read_bytes().replace(size, struct.pack("<I", 10)))
    _, found = opened(path)
    assert sum(map(len, found.values())) <= 10
