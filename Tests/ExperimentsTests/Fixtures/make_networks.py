#!/usr/bin/env python3
"""Writes the networks of this folder with random weights, and what their frameworks get from them.

usage: make_networks.py OUTDIR     (pip install torch snntorch sinabs nirtorch nir==1.0.8)

Made with torch 2.15, snnTorch 1.0.0, sinabs 3.1.3 and nir 1.0.8. For each network: NAME.nir, NAME_test.npz (spikes uint8
0/1 of shape (samples, steps, *input), labels = argmax of the counts, output_counts) and NAME_test.json.
"""
import json
import pathlib
import sys

import nir
import numpy as np
import sinabs
import sinabs.layers as sl
import snntorch as snn
import torch
from sinabs.activation import MembraneReset, SingleSpike
from sinabs.nir import to_nir
from snntorch.export_nir import export_to_nir
from torch import nn

SAMPLES, STEPS = 20, 32


def save(root, name, graph, spikes, counts, step):
    """NIR does not know how a neuron resets: NAME_test.json says it where it is not NIR's own way."""
    folder = pathlib.Path(root, "nir/networks", name)
    folder.mkdir(parents=True, exist_ok=True)
    counts = np.array(counts).astype(np.int32)
    labels = counts.argmax(1)
    spikes = spikes.numpy().astype(np.uint8)
    nir.write(folder / f"{name}.nir", graph)
    np.savez_compressed(folder / f"{name}_test.npz", spikes=spikes, labels=labels, output_counts=counts)
    facts = dict(network=f"{name}.nir", samples=len(spikes), steps=STEPS, input_shape=list(spikes.shape[2:]), dt=step,
                 labels=labels.tolist(), output_counts=counts.tolist())
    if "subtract" in name:
        facts["reset"] = "subtract"
    (folder / f"{name}_test.json").write_text(json.dumps(facts) + "\n")


def leaky(beta, *shape, output=False, reset="zero"):
    """Parameters of the neurons' own shape: snnTorch writes scalars with a shape that NIR's type check refuses."""
    return snn.Leaky(beta=torch.full(shape, beta), threshold=torch.ones(shape), reset_mechanism=reset,
                     init_hidden=True, output=output)


def snntorch_conv():
    net = nn.Sequential(nn.Conv2d(1, 6, 3, padding=1), leaky(0.9, 6, 8, 8), nn.AvgPool2d(2), nn.Conv2d(6, 8, 3),
                        leaky(0.8, 8, 2, 2), nn.Flatten(), nn.Linear(32, 10), leaky(0.9, 10, output=True))
    for layer in net:
        if hasattr(layer, "weight"):
            layer.weight.mul_(3)
    spikes = (torch.rand(SAMPLES, STEPS, 1, 8, 8) < 0.3).float()
    graph = export_to_nir(net, torch.zeros(1, 1, 8, 8), ignore_dims=[0])
    return graph, spikes, counts_of(net, spikes), 1e-4


def counts_of(net, spikes):
    counts = []
    for sample in spikes:
        for layer in net:
            if isinstance(layer, snn.Leaky):
                layer.mem = layer.init_leaky()
        counts.append(sum(net(step[None])[0][0] for step in sample).numpy())
    return counts


def snntorch_subtract():
    net = nn.Sequential(nn.Linear(64, 40), leaky(0.8, 40, reset="subtract"), nn.Linear(40, 10),
                        leaky(0.9, 10, reset="subtract", output=True))
    for layer in (net[0], net[2]):
        layer.weight.mul_(2.5)
    spikes = (torch.rand(SAMPLES, STEPS, 64) < 0.2).float()
    graph = export_to_nir(net, torch.zeros(1, 64), ignore_dims=[0])
    return graph, spikes, counts_of(net, spikes), 1e-4


class Recurrent(nn.Module):
    """With snnTorch's default, reset_delay=True, an RLeaky loses the input of the step after a spike; NIR does not."""

    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(64, 30)
        self.l1 = snn.RLeaky(beta=torch.full((30,), 0.9), linear_features=30, threshold=torch.ones(30),
                             reset_mechanism="zero", reset_delay=False, init_hidden=True)
        self.fc2 = nn.Linear(30, 10)
        self.l2 = leaky(0.9, 10, output=True)

    def forward(self, x):
        return self.l2(self.fc2(self.l1(self.fc1(x))))


def snntorch_recurrent():
    net = Recurrent()
    net.fc1.weight.mul_(2)
    net.fc2.weight.mul_(2)
    spikes = (torch.rand(SAMPLES, STEPS, 64) < 0.2).float()
    graph = export_to_nir(net, torch.zeros(1, 64), ignore_dims=[0])
    counts = []
    for sample in spikes:
        net.l1.spk, net.l1.mem = net.l1.init_rleaky()
        net.l2.mem = net.l2.init_leaky()
        counts.append(sum(net(step[None])[0][0] for step in sample).numpy())
    return graph, spikes, counts, 1e-4


def sinabs_conv():
    def neurons():
        return sl.IAFSqueeze(batch_size=1, spike_fn=SingleSpike, reset_fn=MembraneReset(), min_v_mem=None)

    net = nn.Sequential(nn.Conv2d(2, 6, 3, padding=1, bias=False), neurons(), sl.SumPool2d(2),
                        nn.Conv2d(6, 8, 3, bias=False), neurons(), nn.Flatten(), nn.Linear(72, 10, bias=False), neurons())
    for layer in net:
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            layer.weight.mul_(1.5)
    spikes = (torch.rand(SAMPLES, STEPS, 2, 10, 10) < 0.2).float()
    graph = to_nir(net, torch.zeros(1, 2, 10, 10))
    counts = []
    for sample in spikes:
        sinabs.reset_states(net)
        counts.append(net(sample).sum(0).numpy())
    return graph, spikes, counts, 1.0


if __name__ == "__main__":
    torch.set_grad_enabled(False)
    for make in (snntorch_conv, snntorch_recurrent, snntorch_subtract, sinabs_conv):
        torch.manual_seed(3)
        save(sys.argv[1], make.__name__, *make())
