"""Write the trained network as the product reads it: ``python -m tools.demo_model.export WEIGHTS.pt TOKENS OUT_DIR``.

OUT_DIR gets ``model.int8.onnx`` and ``tokens.txt``; the card beside them is then refreshed with
``python -m shengce.speech.models.card OUT_DIR``.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from .features import BINS
from .network import STACKED, Network
from .vocabulary import read_tokens

LARGEST_BYTES = 6_000_000
METADATA = {
    "model_type": "zipformer2_ctc",
    "version": "1",
    "comment": "synthetic Mandarin, demonstration only",
}


def export(network: Network, path: Path) -> None:
    """Write an int8 model with the interface of sherpa-onnx's zipformer CTC models."""
    network.eval()
    x, lengths = torch.randn(1, 203, BINS), torch.tensor([203])
    names = {"input_names": ["x", "x_lens"], "output_names": ["log_probs", "log_probs_len"]}
    axes = {
        "x": {0: "N", 1: "T"},
        "x_lens": {0: "N"},
        "log_probs": {0: "N", 1: "U"},
        "log_probs_len": {0: "N"},
    }
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "model.onnx"
        torch.onnx.export(
            network, (x, lengths), str(whole), dynamic_axes=axes, opset_version=17, dynamo=False, **names
        )
        quantize_dynamic(whole, path, weight_type=QuantType.QInt8)
    model = onnx.load(path)
    del model.metadata_props[:]
    characters = str(network.out.out_features)
    for key, value in {**METADATA, "subsampling_factor": str(STACKED), "vocab_size": characters}.items():
        model.metadata_props.add(key=key, value=value)
    onnx.save(model, path)
    _compare(network, path, x, lengths)


def _compare(network: Network, path: Path, x: torch.Tensor, lengths: torch.Tensor) -> None:
    """Print how far the rounded network is from the trained one."""
    with torch.no_grad():
        exact = network(x, lengths)[0].numpy()
    rounded = onnxruntime.InferenceSession(str(path)).run(None, {"x": x.numpy(), "x_lens": lengths.numpy()})[
        0
    ]
    same = float((rounded.argmax(-1) == exact.argmax(-1)).mean())
    print(
        f"{path.stat().st_size} bytes; greatest difference {np.abs(rounded - exact).max():.3f}; same choice {same:.1%}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path)
    parser.add_argument("tokens", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    network = Network(len(read_tokens(options.tokens)))
    network.load_state_dict(torch.load(options.weights))
    options.out.mkdir(parents=True, exist_ok=True)
    model = options.out / "model.int8.onnx"
    export(network, model)
    if model.stat().st_size > LARGEST_BYTES:
        raise SystemExit(f"{model} is larger than {LARGEST_BYTES} bytes")
    shutil.copyfile(options.tokens, options.out / "tokens.txt")


if __name__ == "__main__":
    main()
