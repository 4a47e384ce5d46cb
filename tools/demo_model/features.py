"""The 80 filter banks that sherpa-onnx computes before a zipformer CTC model: the same library, the same options."""

from __future__ import annotations

import kaldi_native_fbank as knf
import numpy as np
from numpy.typing import NDArray

from .espeak import HZ

BINS = 80
FRAME_S = 0.01


def filter_banks(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """16 kHz samples in [-1, 1] to (frames, 80) log energies, one frame each 10 ms."""
    options = knf.FbankOptions()
    options.frame_opts.dither = 0
    options.frame_opts.snip_edges = False
    options.frame_opts.samp_freq = HZ
    options.mel_opts.num_bins = BINS
    options.mel_opts.low_freq = 20
    options.mel_opts.high_freq = -400
    bank = knf.OnlineFbank(options)
    bank.accept_waveform(HZ, samples.tolist())
    bank.input_finished()
    return np.stack([bank.get_frame(i) for i in range(bank.num_frames_ready)])
