"""Archives that want to do harm, and those that are only broken."""

from __future__ import annotations

import bz2
import gzip
import io
import os
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shengce.speech.models.archive import Limits, unpack
from shengce.speech.models.errors import ModelError

from .conftest import MODEL_FILES, tar_bytes


def tar_of(*members: tarfile.TarInfo, data: bytes = b"") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:bz2") as archive:
        for member in members:
            archive.addfile(member, io.BytesIO(data))
    return out.getvalue()


def member(name: str, *, kind: bytes = tarfile.REGTYPE, link: str = "", size: int = 0) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, link, size
    return info


def zip_of(files: dict[str, bytes], *, compress: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compress) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, compress)
    return out.getvalue()


def lying_zip() -> bytes:
    """A zip whose one file of 5 MB says in both places that it has 10 bytes."""
    honest = zip_of({"model.onnx": b"\0" * 5_000_000})
    return honest.replace((5_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))


def locked_zip() -> bytes:
    """A zip that says that its file is encrypted."""
    data = bytearray(zip_of({"model.onnx": b"x" * 100}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def giant_header() -> bytes:
    """A tar whose extended header announces 300 MB of zeros, packed to almost nothing."""
    head = member("././@PaxHeader", kind=tarfile.XHDTYPE, size=300_000_000).tobuf()
    packer = bz2.BZ2Compressor()
    return (
        packer.compress(head)
        + b"".join(packer.compress(b"\0" * 1_000_000) for _ in range(300))
        + packer.flush()
    )


def bomb() -> bytes:
    packer = bz2.BZ2Compressor()
    head = member("model.onnx", size=300_000_000).tobuf()
    return (
        packer.compress(head)
        + b"".join(packer.compress(b"\0" * 1_000_000) for _ in range(300))
        + packer.flush()
    )


REFUSED: dict[str, Callable[[], bytes]] = {
    "absolute path": lambda: tar_of(member("/tmp/evil.onnx", size=1), data=b"x"),
    "up and out": lambda: tar_of(member("a/../../evil.onnx", size=1), data=b"x"),
    "up and out, windows": lambda: tar_of(member("..\\evil.onnx", size=1), data=b"x"),
    "drive": lambda: tar_of(member("c:/evil.onnx", size=1), data=b"x"),
    "link out": lambda: tar_of(member("m", kind=tarfile.SYMTYPE, link="../../etc")),
    "link to the root": lambda: tar_of(member("m", kind=tarfile.SYMTYPE, link="/etc/passwd")),
    "link out, then through it": lambda: tar_of(
        member("d", kind=tarfile.SYMTYPE, link=".."), member("d/evil.onnx", size=1), data=b"x"
    ),
    "hard link out": lambda: tar_of(member("m", kind=tarfile.LNKTYPE, link="../../../etc/passwd")),
    "device": lambda: tar_of(member("m", kind=tarfile.CHRTYPE)),
    "pipe": lambda: tar_of(member("m", kind=tarfile.FIFOTYPE)),
    "control character": lambda: tar_of(member("a\nb.onnx", size=1), data=b"x"),
    "very long path": lambda: tar_of(member("a/" * 300 + "b.onnx", size=1), data=b"x"),
    "too many entries": lambda: tar_of(*[member(f"{n}.txt") for n in range(2_001)]),
    "the same file twice": lambda: tar_of(member("a.onnx", size=1), member("a.onnx", size=1), data=b"x"),
    "bomb": bomb,
    "giant header": giant_header,
    "zip: up and out": lambda: zip_of({"../evil.onnx": b"x"}),
    "zip: absolute": lambda: zip_of({"/evil.onnx": b"x"}),
    "zip: bomb": lambda: zip_of({"model.onnx": b"\0" * 300_000_000}),
    "zip: too many entries": lambda: zip_of({f"{n}.txt": b"" for n in range(2_001)}),
    "zip: lies about its size": lying_zip,
    "zip: password": locked_zip,
    "not an archive": lambda: b"<html>please sign in</html>",
    "empty": lambda: b"",
    "cut off bz2": lambda: tar_bytes(MODEL_FILES)[:50_000],
    "cut off gz": lambda: tar_bytes(MODEL_FILES, mode="w:gz")[:50_000],
    "cut off zip": lambda: zip_of(MODEL_FILES)[:50_000],
    "bz2 of nonsense": lambda: bz2.compress(os.urandom(5000)),
    "gz of nonsense": lambda: gzip.compress(os.urandom(5000)),
    "zip header only": lambda: b"PK\x03\x04" + bytes(60),
}


@pytest.mark.parametrize("build", REFUSED.values(), ids=REFUSED.keys())
def test_harm_is_refused_with_a_reason(build: Callable[[], bytes], tmp_path: Path) -> None:
    packed = tmp_path / "模型 包"
    packed.write_bytes(build())
    into = tmp_path / "deep" / "er" / "into"
    into.mkdir(parents=True)
    with pytest.raises(ModelError) as caught:
        unpack(packed, into)
    assert caught.value.code in ("bad_archive", "cannot_write")
    outside = [path for path in tmp_path.rglob("*") if path.is_file() and into not in path.parents]
    assert outside == [packed]
    assert not any(path.is_symlink() for path in tmp_path.rglob("*"))


def test_giant_header_is_not_read_into_memory(tmp_path: Path) -> None:
    packed = tmp_path / "a"
    packed.write_bytes(giant_header())
    tracemalloc.start()
    try:
        with pytest.raises(ModelError):
            unpack(packed, tmp_path / "into")
        assert tracemalloc.get_traced_memory()[1] < 30_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("mode", ["w:bz2", "w:gz", "w:"])
def test_tar_is_unpacked(mode: str, tmp_path: Path) -> None:
    packed = tmp_path / "a"
    packed.write_bytes(tar_bytes(MODEL_FILES, mode=mode))
    written = unpack(packed, tmp_path / "into", wanted=lambda path: not path.endswith("LICENSE"))
    assert sorted(written) == ["tiny-zh/model.int8.onnx", "tiny-zh/tokens.txt"]
    assert (tmp_path / "into" / "tiny-zh" / "tokens.txt").read_bytes() == MODEL_FILES["tokens.txt"]


def test_zip_is_unpacked_and_permissions_are_not_taken(tmp_path: Path) -> None:
    packed = tmp_path / "a"
    with zipfile.ZipFile(packed, "w") as archive:
        info = zipfile.ZipInfo("模型/tokens.txt")
        info.external_attr = 0o104777 << 16
        archive.writestr(info, b"x")
    assert unpack(packed, tmp_path / "into") == ["模型/tokens.txt"]
    assert not (tmp_path / "into" / "模型" / "tokens.txt").stat().st_mode & 0o111


def test_links_inside_are_left_out(tmp_path: Path) -> None:
    packed = tmp_path / "a"
    packed.write_bytes(
        tar_of(member("a.txt", size=1), member("b.txt", kind=tarfile.SYMTYPE, link="a.txt"), data=b"x")
    )
    assert unpack(packed, tmp_path / "into") == ["a.txt"]


def test_limit_of_the_whole_counts_what_is_not_wanted(tmp_path: Path) -> None:
    packed = tmp_path / "a"
    packed.write_bytes(tar_bytes(MODEL_FILES))
    with pytest.raises(ModelError):
        unpack(packed, tmp_path / "into", wanted=lambda _: False, limits=Limits(total_bytes=100_000))


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_flipped_bytes_never_escape_as_another_error(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    whole = data.draw(st.sampled_from(SMALL))
    broken = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    folder = tmp_path_factory.mktemp("flipped")
    (folder / "a").write_bytes(broken)
    try:
        unpack(folder / "a", folder / "into")
    except ModelError as error:
        assert error.code in ("bad_archive", "cannot_write")
    assert {path.name for path in folder.iterdir()} <= {"a", "into"}


SMALL = [
    tar_bytes({"tokens.txt": b"a 1\n" * 20, "m.onnx": b"abc" * 50}, mode=mode)
    for mode in ("w:bz2", "w:gz", "w:")
] + [zip_of({"t/tokens.txt": b"a 1\n" * 20, "t/m.onnx": b"abc" * 50})]
