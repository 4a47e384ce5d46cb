"""Models of a few kilobytes in the form of every family: they load and decode for real, and mean nothing.

Their networks map loudness by fixed random numbers to tokens, so speech gives some text and the same speech gives
the same text. The shapes and metadata keys are those that sherpa-onnx asks of each family.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from shengce.speech.models.card import ModelCard

SYMBOLS = ("<blk>", "<s>", "</s>", "<unk>", "一", "二", "三", "四", "五", "六")
SIZE = len(SYMBOLS)
OPSET = 13


def build(family: str, directory: Path, *, streaming: bool = False, hot_words: bool = False) -> Path:
    """Write a model of ``family`` and its card into ``directory``; returns the directory."""
    directory.mkdir(parents=True, exist_ok=True)
    files = BUILDERS["streaming" if streaming else family](directory)
    card = ModelCard(
        name=f"tiny-{family}",
        family=family,
        files=files,
        languages=["zh"],
        hot_words=hot_words,
        streaming=streaming,
        licence="none",
        sha256={},
    )
    card.refreshed(directory).write(directory)
    return directory


def zipformer_ctc(directory: Path) -> dict[str, str]:
    _save(
        directory / "model.onnx",
        nodes=[
            *_every_fourth("x", "sub"),
            helper.make_node("MatMul", ["sub", "weight"], ["scores"]),
            helper.make_node("LogSoftmax", ["scores"], ["log_probs"], axis=-1),
            helper.make_node("Add", ["x_lens", "three"], ["rounded"]),
            helper.make_node("Div", ["rounded", "four"], ["log_probs_len"]),
        ],
        inputs=[_float("x", ["N", "T", 80]), _int64("x_lens", ["N"])],
        outputs=[_float("log_probs", ["N", "U", SIZE]), _int64("log_probs_len", ["N"])],
        constants={"weight": _weight(80), "three": np.array(3), "four": np.array(4), **_SLICE},
        metadata={"model_type": "zipformer2_ctc"},
    )
    return {"model": "model.onnx", "tokens": _tokens(directory)}


def zipformer_transducer(directory: Path) -> dict[str, str]:
    """三 is always a little likelier than 四, so a hot word that needs 四 changes the text."""
    _save(
        directory / "encoder.onnx",
        nodes=[
            *_every_fourth("x", "sub"),
            helper.make_node("MatMul", ["sub", "zeros"], ["nothing"]),
            helper.make_node("Add", ["nothing", "bias"], ["encoder_out"]),
            helper.make_node("Add", ["x_lens", "three"], ["rounded"]),
            helper.make_node("Div", ["rounded", "four"], ["encoder_out_lens"]),
        ],
        inputs=[_float("x", ["N", "T", 80]), _int64("x_lens", ["N"])],
        outputs=[_float("encoder_out", ["N", "U", SIZE]), _int64("encoder_out_lens", ["N"])],
        constants={
            "zeros": np.zeros((80, SIZE), np.float32),
            "bias": _BIAS,
            "three": np.array(3),
            "four": np.array(4),
            **_SLICE,
        },
        metadata={"model_type": "zipformer2"},
    )
    return _decoder_and_joiner(directory)


def streaming_transducer(directory: Path) -> dict[str, str]:
    layers = {
        "cached_key": [4, 1, 4],
        "cached_nonlin_attn": [1, 1, 4, 3],
        "cached_val1": [4, 1, 4],
        "cached_val2": [4, 1, 4],
        "cached_conv1": [1, 4, 1],
        "cached_conv2": [1, 4, 1],
        "embed_states": [1, 128, 3, 19],
    }
    states = [_float(name, shape) for name, shape in layers.items()] + [_int64("processed_lens", [1])]
    next_states = [_float(f"new_{name}", shape) for name, shape in layers.items()]
    next_states.append(_int64("new_processed_lens", [1]))
    _save(
        directory / "encoder.onnx",
        nodes=[
            helper.make_node("Slice", ["x", "start", "chunk", "axis", "step"], ["sub"]),
            helper.make_node("MatMul", ["sub", "zeros"], ["nothing"]),
            helper.make_node("Add", ["nothing", "bias"], ["encoder_out"]),
            *(helper.make_node("Identity", [s.name], [f"new_{s.name}"]) for s in states),
        ],
        inputs=[_float("x", [1, 29, 80]), *states],
        outputs=[_float("encoder_out", [1, 4, SIZE]), *next_states],
        constants={
            "zeros": np.zeros((80, SIZE), np.float32),
            "bias": _BIAS,
            "chunk": np.array([16]),
            **_SLICE,
        },
        metadata={
            "model_type": "zipformer2",
            "encoder_dims": "4",
            "query_head_dims": "4",
            "value_head_dims": "4",
            "num_heads": "1",
            "num_encoder_layers": "1",
            "cnn_module_kernels": "3",
            "left_context_len": "4",
            "T": "29",
            "decode_chunk_len": "16",
        },
    )
    return _decoder_and_joiner(directory)


def paraformer(directory: Path) -> dict[str, str]:
    _save(
        directory / "model.onnx",
        nodes=[
            helper.make_node("MatMul", ["speech", "weight"], ["logits"]),
            helper.make_node("Identity", ["speech_lengths"], ["token_num"]),
        ],
        inputs=[_float("speech", ["N", "T", 560]), _int32("speech_lengths", ["N"])],
        outputs=[_float("logits", ["N", "T", SIZE]), _int32("token_num", ["N"])],
        constants={"weight": _weight(560)},
        metadata=_low_frame_rate() | {"model_type": "paraformer"},
    )
    return {"model": "model.onnx", "tokens": _tokens(directory)}


def sense_voice(directory: Path) -> dict[str, str]:
    languages = {f"lang_{code}": "1" for code in ("auto", "zh", "en", "ja", "ko", "yue")}
    _save(
        directory / "model.onnx",
        nodes=[
            helper.make_node("Pad", ["x", "four_before"], ["padded"]),
            helper.make_node("MatMul", ["padded", "weight"], ["logits"]),
            # The inputs that choose language and writing must be used, or the graph loses them.
            helper.make_node("Add", ["language", "text_norm"], ["choice"]),
            helper.make_node("Add", ["choice", "x_length"], ["used"]),
        ],
        inputs=[
            _float("x", ["N", "T", 560]),
            _int32("x_length", ["N"]),
            _int32("language", ["N"]),
            _int32("text_norm", ["N"]),
        ],
        outputs=[_float("logits", ["N", "U", SIZE]), _int32("used", ["N"])],
        constants={"weight": _weight(560), "four_before": np.array([0, 4, 0, 0, 0, 0])},
        metadata=_low_frame_rate()
        | languages
        | {
            "normalize_samples": "0",
            "with_itn": "14",
            "without_itn": "15",
            "comment": "",
            "model_type": "sense_voice_ctc",
        },
    )
    return {"model": "model.onnx", "tokens": _tokens(directory)}


def whisper(directory: Path) -> dict[str, str]:
    """Says 一 and 二, whatever it hears."""
    words = ["一".encode(), "二".encode()]
    start, end, chinese, task, plain = 2, 3, 4, 5, 6
    size = 12
    table = np.zeros((16, size), np.float32)
    table[:, end] = 5
    table[0] = np.eye(size)[0] * 9
    table[4] = np.eye(size)[1] * 9
    _save(
        directory / "encoder.onnx",
        nodes=[
            helper.make_node("ReduceMean", ["mel"], ["mean"], axes=[1, 2], keepdims=1),
            helper.make_node("Mul", ["mean", "cross"], ["n_layer_cross_k"]),
            helper.make_node("Mul", ["mean", "cross"], ["n_layer_cross_v"]),
        ],
        inputs=[_float("mel", [1, 80, "T"])],
        outputs=[_float("n_layer_cross_k", [1, 1, 1, 4]), _float("n_layer_cross_v", [1, 1, 1, 4])],
        constants={"cross": np.ones((1, 1, 1, 4), np.float32)},
        metadata={
            "model_type": "whisper-tiny",
            "n_mels": "80",
            "n_text_layer": "1",
            "n_text_ctx": "16",
            "n_text_state": "4",
            "n_vocab": str(size),
            "sot": str(start),
            "eot": str(end),
            "blank_id": "7",
            "translate": "8",
            "transcribe": str(task),
            "is_multilingual": "1",
            "no_timestamps": str(plain),
            "no_speech": "9",
            "sot_sequence": f"{start},{chinese},{task}",
            "all_language_tokens": str(chinese),
            "all_language_codes": "zh",
        },
    )
    cache = [1, "N", "C", 4]
    _save(
        directory / "decoder.onnx",
        nodes=[
            helper.make_node("Gather", ["table", "offset"], ["row"]),
            helper.make_node("Cast", ["tokens"], ["as_float"], to=TensorProto.FLOAT),
            helper.make_node("Mul", ["as_float", "zero"], ["flat"]),
            helper.make_node("Unsqueeze", ["flat", "last"], ["column"]),
            helper.make_node("Add", ["column", "row"], ["logits"]),
            helper.make_node("Identity", ["in_k"], ["out_k"]),
            helper.make_node("Identity", ["in_v"], ["out_v"]),
        ],
        inputs=[
            _int64("tokens", ["N", "n"]),
            _float("in_k", cache),
            _float("in_v", cache),
            _float("cross_k", [1, "N", "A", 4]),
            _float("cross_v", [1, "N", "A", 4]),
            _int64("offset", [1]),
        ],
        outputs=[_float("logits", ["N", "n", size]), _float("out_k", cache), _float("out_v", cache)],
        constants={"table": table, "zero": np.array(0, np.float32), "last": np.array([2])},
        metadata={},
    )
    lines = [f"{base64.b64encode(word).decode()} {i}" for i, word in enumerate(words)]
    (directory / "tokens.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return {"encoder": "encoder.onnx", "decoder": "decoder.onnx", "tokens": "tokens.txt"}


BUILDERS: dict[str, Callable[[Path], dict[str, str]]] = {
    "zipformer_ctc": zipformer_ctc,
    "zipformer_transducer": zipformer_transducer,
    "streaming": streaming_transducer,
    "paraformer": paraformer,
    "sense_voice": sense_voice,
    "whisper": whisper,
}

_SLICE = {"start": np.array([0]), "end": np.array([2**31]), "axis": np.array([1]), "step": np.array([4])}
_BIAS = np.array([0, -9, -9, -9, 0, 0, 1.0, 0.6, 0, 0], np.float32)


def _decoder_and_joiner(directory: Path) -> dict[str, str]:
    _save(
        directory / "decoder.onnx",
        nodes=[
            helper.make_node("Cast", ["y"], ["as_float"], to=TensorProto.FLOAT),
            helper.make_node("MatMul", ["as_float", "zeros"], ["decoder_out"]),
        ],
        inputs=[_int64("y", ["N", 2])],
        outputs=[_float("decoder_out", ["N", SIZE])],
        constants={"zeros": np.zeros((2, SIZE), np.float32)},
        metadata={"vocab_size": str(SIZE), "context_size": "2"},
    )
    _save(
        directory / "joiner.onnx",
        nodes=[helper.make_node("Add", ["encoder_out", "decoder_out"], ["logit"])],
        inputs=[_float("encoder_out", ["N", SIZE]), _float("decoder_out", ["N", SIZE])],
        outputs=[_float("logit", ["N", SIZE])],
        constants={},
        metadata={"joiner_dim": str(SIZE)},
    )
    files = {role: f"{role}.onnx" for role in ("encoder", "decoder", "joiner")}
    return files | {"tokens": _tokens(directory)}


def _every_fourth(source: str, target: str) -> list[onnx.NodeProto]:
    return [helper.make_node("Slice", [source, "start", "end", "axis", "step"], [target])]


def _low_frame_rate() -> dict[str, str]:
    return {
        "vocab_size": str(SIZE),
        "lfr_window_size": "7",
        "lfr_window_shift": "6",
        "neg_mean": ",".join(["0"] * 560),
        "inv_stddev": ",".join(["1"] * 560),
    }


def _weight(rows: int) -> np.ndarray:
    weight = np.random.default_rng(5).standard_normal((rows, SIZE)).astype(np.float32)
    weight[:, :4] = 0  # blank and marks lose against whatever random token is above zero
    return weight


def _tokens(directory: Path) -> str:
    text = "".join(f"{symbol} {i}\n" for i, symbol in enumerate(SYMBOLS))
    (directory / "tokens.txt").write_text(text, encoding="utf-8")
    return "tokens.txt"


def _float(name: str, shape: Sequence[int | str]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def _int64(name: str, shape: Sequence[int | str]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.INT64, shape)


def _int32(name: str, shape: Sequence[int | str]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.INT32, shape)


def _save(
    path: Path,
    *,
    nodes: Sequence[onnx.NodeProto],
    inputs: Sequence[onnx.ValueInfoProto],
    outputs: Sequence[onnx.ValueInfoProto],
    constants: Mapping[str, np.ndarray],
    metadata: Mapping[str, str],
) -> None:
    tensors = [
        numpy_helper.from_array(v.astype(np.int64) if v.dtype.kind == "i" else v, name)
        for name, v in constants.items()
    ]
    graph = helper.make_graph(list(nodes), path.stem, list(inputs), list(outputs), tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = 8
    helper.set_model_props(model, dict(metadata))
    onnx.save(model, str(path))
