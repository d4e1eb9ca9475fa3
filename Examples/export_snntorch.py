#!/usr/bin/env python3
"""From a snnTorch model to Spikeloom: the network as NIR, the test set as NPZ.

pip install snntorch nir nirtorch scikit-learn; then
spikeloom compile digits.nir --from snntorch --chip pilot -o digits.chipimg
"""
import nir, numpy as np, snntorch as snn, torch
from sklearn.datasets import load_digits
from snntorch.export_nir import export_to_nir

lif = dict(beta=0.9, reset_mechanism="zero", init_hidden=True)  # default "subtract": --reset subtract
net = torch.nn.Sequential(
    torch.nn.Linear(64, 96), snn.Leaky(**lif), torch.nn.Linear(96, 10), snn.Leaky(**lif, output=True)
)
# ... train net here ...
nir.write("digits.nir", export_to_nir(net, torch.zeros(1, 64)))

pixels, labels = load_digits(return_X_y=True)  # pixels 0 ... 16
step = np.arange(32)[None, :, None]
count = pixels.astype(int)[:, None, :]  # a pixel of p gives p spikes in 32 steps
spikes = (step + 1) * count // 32 > step * count // 32
np.savez_compressed("digits.npz", spikes=spikes.astype(np.uint8), labels=labels)  # (samples, steps, channels)
