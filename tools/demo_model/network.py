"""The recogniser: stacked frames, one small convolution, two bidirectional LSTM layers, CTC.

Only operations that onnxruntime computes in 8 bits (MatMul, LSTM), so that the file stays small and one core is plenty.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn
from torch.nn import functional

from .features import BINS

STACKED = 4  # frames of 10 ms in one step: sherpa-onnx expects 40 ms of a zipformer CTC model
FRAME_STEP_S = 0.01 * STACKED
QUIETEST = -16.0  # log energy of digital silence differs by decoder; below this it says nothing


class Network(nn.Module):
    """(batch, frames, 80) filter banks to (batch, frames / 4, characters) log probabilities."""

    def __init__(
        self, characters: int, *, width: int = 224, hidden: int = 176, layers: int = 2, dropout: float = 0.1
    ):
        super().__init__()
        self.register_buffer("mean", torch.zeros(BINS))
        self.register_buffer("deviation", torch.ones(BINS))
        self.stack = nn.Linear(BINS * STACKED, width)
        self.context = nn.Linear(3 * width, width)
        self.recurrent = nn.ModuleList(
            nn.LSTM(width if i == 0 else 2 * hidden, hidden, bidirectional=True, batch_first=True)
            for i in range(layers)
        )
        self.dropout = nn.Dropout(dropout)
        self.out = nn.Linear(2 * hidden, characters)

    def scores(self, x: Tensor) -> Tensor:
        x = x.clamp(min=QUIETEST)
        x = (x - x.mean(dim=(1, 2), keepdim=True) - self.mean) / self.deviation
        x = functional.pad(x, (0, 0, 0, STACKED - 1))
        steps = x.shape[1] // STACKED
        x = functional.silu(self.stack(x[:, : steps * STACKED].reshape(x.shape[0], steps, BINS * STACKED)))
        around = functional.pad(x, (0, 0, 1, 1))  # a convolution of three steps, written as a MatMul
        x = x + functional.silu(self.context(torch.cat([around[:, :-2], around[:, 1:-1], around[:, 2:]], -1)))
        for layer in self.recurrent:
            x = self.dropout(layer(x)[0])
        return self.out(x)

    def forward(self, x: Tensor, x_lens: Tensor) -> tuple[Tensor, Tensor]:
        """The interface that ``OfflineRecognizer.from_zipformer_ctc`` calls."""
        return self.scores(x).log_softmax(-1), (x_lens + STACKED - 1) // STACKED


def load_weights(network: Network, path: Path) -> None:
    """Start from an exported int8 model of the same shape; characters that it does not know keep their random rows.

    Weights that were rounded to 8 bits are a good beginning, not the same network.
    """
    weights = _Weights(path)
    state = network.state_dict()
    state["mean"], state["deviation"] = weights.plain("mean", "mu"), weights.plain("deviation", "sd")
    known = 0
    for name, old in (("stack", "c1"), ("context", "c2"), ("out", "out")):
        matrix = weights.matrix(f"/{name}/", f"/{old}/").T
        known = len(matrix)
        state[f"{name}.weight"][:known] = matrix
        state[f"{name}.bias"][:known] = weights.plain(f"{name}.bias", f"{old}.bias")
    if known < len(state["out.bias"]):
        state["out.bias"][known:] = state["out.bias"][1:known].mean()
    for index, tensors in enumerate(weights.lstms()):
        for key, value in tensors.items():
            state[f"recurrent.{index}.{key}"] = value
    network.load_state_dict(state)


class _Weights:
    """Float weights by name out of a model that onnxruntime quantised."""

    def __init__(self, path: Path) -> None:
        self._graph = onnx.load(path).graph
        self._arrays = {i.name: numpy_helper.to_array(i) for i in self._graph.initializer}

    def plain(self, *names: str) -> Tensor:
        return torch.tensor(next(self._arrays[n] for n in names if n in self._arrays))

    def _float(self, stem: str, axis_of_scale: tuple[int, ...] = ()) -> np.ndarray:
        scale, zero = self._arrays[f"{stem}_scale"], self._arrays[f"{stem}_zero_point"]
        if axis_of_scale:
            scale, zero = scale.reshape(axis_of_scale), zero.reshape(axis_of_scale)
        whole = self._arrays[f"{stem}_quantized"].astype(np.float32) - zero.astype(np.float32)
        return (whole * scale).astype(np.float32)

    def matrix(self, *places: str) -> Tensor:
        node = next(
            n for n in self._graph.node if n.op_type == "MatMulInteger" and any(p in n.name for p in places)
        )
        return torch.tensor(self._float(node.input[1].removesuffix("_quantized")))

    def lstms(self) -> list[dict[str, Tensor]]:
        return [self._lstm(node) for node in self._graph.node if node.op_type == "DynamicQuantizeLSTM"]

    def _lstm(self, node: onnx.NodeProto) -> dict[str, Tensor]:
        kernel = self._float(node.input[1].removesuffix("_quantized"), (2, 1, 1)).transpose(0, 2, 1)
        loop = self._float(node.input[2].removesuffix("_quantized"), (2, 1, 1)).transpose(0, 2, 1)
        bias = self._arrays[node.input[3]]
        size = loop.shape[2]
        tensors = {}
        for direction, suffix in enumerate(("", "_reverse")):
            tensors[f"weight_ih_l0{suffix}"] = _gates(kernel[direction], size)
            tensors[f"weight_hh_l0{suffix}"] = _gates(loop[direction], size)
            tensors[f"bias_ih_l0{suffix}"] = _gates(bias[direction, : 4 * size], size)
            tensors[f"bias_hh_l0{suffix}"] = _gates(bias[direction, 4 * size :], size)
        return tensors


def _gates(rows: np.ndarray, size: int) -> Tensor:
    """ONNX orders the gates input, output, forget, cell; torch orders them input, forget, cell, output."""
    entry, exit_, forget, cell = (rows[i * size : (i + 1) * size] for i in range(4))
    return torch.tensor(np.concatenate([entry, forget, cell, exit_]).copy())
