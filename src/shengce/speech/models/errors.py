"""What can go wrong with a model, as codes with facts; the words for each exist in English and Chinese.

This room knows no Django, so the sentences lie here and not in a gettext catalogue: a caller shows
``error.text("zh")`` or ``error.text("en")``, a test asks for ``error.code``.
"""

from __future__ import annotations

MESSAGES: dict[str, tuple[str, str]] = {
    "unknown_model": (
        "There is no model called {name}. `shengce models list` shows those that are known.",
        "没有名为 {name} 的模型。用 `shengce models list` 查看可用的模型。",
    ),
    "not_installed": (
        "The model {name} is not installed. Run `shengce models install {name}`, or bring its archive and run "
        "`shengce models import ARCHIVE`.",
        "模型 {name} 尚未安装。请运行 `shengce models install {name}`，或拷入模型包后运行 `shengce models import 文件`。",
    ),
    "bad_name": (
        "{name!r} cannot be the name of a model: letters, digits, dot, hyphen and underscore only, at most 100.",
        "{name!r} 不能作为模型名称：只能使用文字、数字、点、连字符和下划线，最多 100 个字符。",
    ),
    "shipped": (
        "The demonstration model {name} is part of the program: there is nothing to install or remove.",
        "演示模型 {name} 随程序提供，无需安装，也不能删除。",
    ),
    "bad_address": (
        "{address!r} is not an http or https address.",
        "{address!r} 不是有效的 http 或 https 地址。",
    ),
    "no_network": (
        "The model server {host} cannot be reached ({reason}). Check the network or name another mirror with "
        "--mirror URL. Without a network: fetch {file} on another machine, carry it here and run "
        "`shengce models import {file}`.",
        "无法连接模型服务器 {host}（{reason}）。请检查网络，或用 --mirror 地址 指定其他镜像。"
        "没有网络时：在另一台电脑上下载 {file}，拷贝到本机后运行 `shengce models import {file}`。",
    ),
    "broken_off": (
        "The download of {file} broke off {attempts} times ({reason}). {bytes_kept} bytes are kept: the same command goes "
        "on from there.",
        "{file} 的下载中断了 {attempts} 次（{reason}）。已下载的 {bytes_kept} 字节已保留，再次运行同一命令即可续传。",
    ),
    "not_found": (
        "{address} does not exist on the server (status {status}). Check the mirror address.",
        "服务器上没有 {address}（状态 {status}）。请检查镜像地址。",
    ),
    "refused": (
        "The server refused {address} (status {status}).",
        "服务器拒绝了 {address} 的请求（状态 {status}）。",
    ),
    "bad_answer": (
        "The server's answer for {address} cannot be used: {reason}.",
        "服务器对 {address} 的应答无法使用：{reason}。",
    ),
    "wrong_size": (
        "{file} has {actual} bytes on this server; {expected} were expected. It is another file, so it was not taken.",
        "该服务器上的 {file} 为 {actual} 字节，应为 {expected} 字节。文件不符，未予采用。",
    ),
    "wrong_hash": (
        "{file} is not the expected file: its SHA-256 is {actual}, expected was {expected}. It was not installed.",
        "{file} 与预期不符：SHA-256 为 {actual}，应为 {expected}。未安装。",
    ),
    "disk_full": (
        "Not enough room on the disk at {path}: {needed} bytes are needed, {free} are free. Nothing is lost; make room "
        "and run the command again.",
        "{path} 所在磁盘空间不足：需要 {needed} 字节，剩余 {free} 字节。没有内容丢失，请腾出空间后重新运行。",
    ),
    "cannot_write": (
        "{path} cannot be written: {reason}.",
        "无法写入 {path}：{reason}。",
    ),
    "no_file": (
        "{path} does not exist or cannot be read.",
        "{path} 不存在或无法读取。",
    ),
    "bad_archive": (
        "{file} cannot be unpacked: {reason}.",
        "无法解开 {file}：{reason}。",
    ),
    "files_missing": (
        "{file} has no file for: {roles}. Is it a model of the family {family}?",
        "{file} 中缺少以下文件：{roles}。它是 {family} 类型的模型吗？",
    ),
    "unrecognised": (
        "{file} is no model of the catalogue. For a model of your own say what it is: --family with one of {families}.",
        "{file} 不在模型目录中。如果是自有模型，请用 --family 说明类型，可选：{families}。",
    ),
    "already_there": (
        "A model called {name} is installed already. Use --force to replace it, or --name for another name.",
        "名为 {name} 的模型已安装。用 --force 替换，或用 --name 另取名称。",
    ),
    "damaged": (
        "The model {name} is damaged: {problems}. Install it again with --force.",
        "模型 {name} 已损坏：{problems}。请用 --force 重新安装。",
    ),
    "does_not_load": (
        "The model {name} does not load: {reason}",
        "模型 {name} 无法加载：{reason}",
    ),
}


class ModelError(Exception):
    """A model cannot be had, unpacked or used. ``code`` is a key of ``MESSAGES``, ``facts`` fill its sentence."""

    def __init__(self, code: str, **facts: object) -> None:
        self.code = code
        self.facts = facts
        super().__init__(self.text("en"))

    def text(self, language: str) -> str:
        """The sentence for a person, in Chinese for any ``zh…`` and else in English."""
        english, chinese = MESSAGES[self.code]
        return (chinese if language.lower().startswith("zh") else english).format(**self.facts)
