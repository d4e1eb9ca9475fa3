#!/usr/bin/env python3
"""Trains small networks on the 8x8 digits in snnTorch, sinabs and norse, writes them with each framework's own exporter,
and what the framework counts on the test set.

usage: train_networks.py OUTDIR [--samples N] [--epochs N] [--plain] [NAME...]     (all networks if none is named)
    pip install torch snntorch==1.0.0 sinabs==3.1.3 norse==1.1.0 nirtorch==2.0.2 nir==1.0.8 scikit-learn

For each network, in OUTDIR/nir/networks/NAME: NAME.nir, as the exporter left it; NAME_test.npz (spikes uint8 0/1 of shape
(samples, steps, *input), labels, output_counts); NAME_test.json: the options with which spikeloom gives these counts
(exporter, dt, reset), the framework's accuracy, and margin, the smallest distance of a potential to its threshold
over the run. scripts/compare_networks runs spikeloom on them.

A pixel of p (0 to 16) spikes p times in 32 steps, at t if floor((t+1)p/32) > floor(tp/32). Data: "Optical Recognition
of Handwritten Digits", E. Alpaydin and C. Kaynak, UCI Machine Learning Repository, doi 10.24432/C50P49, CC BY 4.0.
"""
import argparse
import functools
import json
import os
import pathlib
import sys

os.environ.setdefault("OMP_NUM_THREADS", "1")
import nir
import norse.torch as norse
import numpy as np
import sinabs
import sinabs.activation as sa
import sinabs.layers as sl
import sinabs.nir
import snntorch as snn
import snntorch.utils
import torch
from norse.torch.functional.lif import LIFParameters
from norse.torch.functional.lif_box import LIFBoxParameters
from norse.torch.functional.iaf import IAFParameters
from norse.torch.functional.reset import reset_subtract
from norse.torch.utils.export_nir import to_nir as norse_to_nir
from snntorch.export_nir import export_to_nir
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

torch.set_num_threads(1)
STEPS, CLASSES = 32, 10
STEP_OF = {"snntorch": 1e-4, "sinabs": 1.0, "norse": 1e-6}
NETWORKS = {}


def network(**facts):
    """Registers a function that builds a network; its name begins with the framework's."""
    def register(build):
        NETWORKS[build.__name__] = (build, facts)
        return build
    return register


# Thresholds -----------------------------------------------------------------------------------------------------------

class Margin:
    """Smallest distance of a potential to its threshold."""
    value = float("inf")

    @classmethod
    def note(cls, distance):
        cls.value = min(cls.value, float(distance.detach().abs().min()))


def watch(owner, name, distance):
    """Makes a function of a framework note how near to the threshold it is called."""
    original = getattr(owner, name)

    @functools.wraps(original)
    def watched(*arguments, **others):
        Margin.note(distance(*arguments))
        return original(*arguments, **others)
    setattr(owner, name, watched)


def to_multiple(potential, threshold):
    """Distance to the nearest positive multiple of the threshold: several spikes a step."""
    return potential - threshold * (potential / threshold).round().clamp(min=1)


class Single:
    """sinabs's SingleSpike, watched."""
    required_states = ["v_mem"]

    @staticmethod
    def apply(potential, threshold, surrogate):
        Margin.note(potential - threshold)
        return sa.SingleSpike.apply(potential, threshold, surrogate)


class Multi:
    """sinabs's MultiSpike, its default, watched."""
    required_states = ["v_mem"]

    @staticmethod
    def apply(potential, threshold, surrogate):
        Margin.note(to_multiple(potential, threshold))
        return sa.MultiSpike.apply(potential, threshold, surrogate)


watch(snn.SpikingNeuron, "fire", lambda self, potential: potential - self.threshold)
for module in ("lif", "lif_box", "iaf"):
    watch(sys.modules[f"norse.torch.functional.{module}"], "threshold", lambda distance, *_: distance)


# Frameworks -----------------------------------------------------------------------------------------------------------

def run_snntorch(net, spikes):
    """Output of each step, (samples, steps, classes); state starts at 0."""
    for layer in net.modules():
        if isinstance(layer, snn.SpikingNeuron):
            layer.reset_mem()
    return torch.stack([net(spikes[:, t])[0] for t in range(spikes.shape[1])], 1)


def run_sinabs(net, spikes):
    sinabs.reset_states(net)
    if not any(hasattr(layer, "batch_size") for layer in net.modules()):
        return net(spikes)
    for layer in net.modules():
        if hasattr(layer, "batch_size"):
            layer.batch_size, layer.num_timesteps = len(spikes), -1
    return net(spikes.flatten(0, 1)).unflatten(0, spikes.shape[:2])


def run_norse(net, spikes):
    state, outputs = None, []
    for t in range(spikes.shape[1]):
        output, state = net(spikes[:, t], state)
        outputs.append(output)
    return torch.stack(outputs, 1)


RUN = {"snntorch": run_snntorch, "sinabs": run_sinabs, "norse": run_norse}


def export(framework, net, shape):
    """As each framework's documentation does it; the sample has a batch axis of 1."""
    sample = torch.zeros(1, *shape)
    if framework == "snntorch":
        for layer in net.modules():
            if isinstance(layer, snn.SpikingNeuron):
                layer.reset_mem()
        return export_to_nir(net, sample, ignore_dims=[0])
    if framework == "norse":
        return norse_to_nir(net, sample[0])
    for layer in net.modules():
        if hasattr(layer, "batch_size"):
            layer.batch_size, layer.num_timesteps = 1, -1
        elif isinstance(layer, sl.StatefulLayer):
            sample = torch.zeros(1, 1, *shape)
    return sinabs.nir.to_nir(net, sample)


# snnTorch -------------------------------------------------------------------------------------------------------------

def leaky(beta, *shape, **others):
    """One value a neuron: with scalars snnTorch writes a file that NIR's own type check refuses."""
    return snn.Leaky(beta=torch.full(shape, beta), threshold=torch.ones(shape), init_hidden=True, **others)


def digits_input(net):
    return net, (64,)


def images_input(net):
    return net, (1, 8, 8)


@network(reset=None)
def snntorch_leaky_zero():
    return digits_input(nn.Sequential(nn.Linear(64, 40), leaky(0.9, 40, reset_mechanism="zero"), nn.Linear(40, 10),
                                      leaky(0.9, 10, reset_mechanism="zero", output=True)))


@network(reset="subtract")
def snntorch_leaky_default():
    return digits_input(nn.Sequential(nn.Linear(64, 40), leaky(0.9, 40), nn.Linear(40, 10),
                                      leaky(0.8, 10, output=True)))


@network(reset="subtract")
def snntorch_leaky_scalar():
    """One decay and threshold a layer, as snnTorch's tutorials write it: nirtorch 2 refuses to export that."""
    return digits_input(nn.Sequential(nn.Linear(64, 40), snn.Leaky(0.9, init_hidden=True), nn.Linear(40, 10),
                                      snn.Leaky(0.8, init_hidden=True, output=True)))


@network(reset="subtract")
def snntorch_leaky_learned():
    """Decay and threshold of each neuron are learned."""
    def learned(count, **others):
        return snn.Leaky(beta=torch.rand(count) * 0.5 + 0.4, threshold=torch.rand(count) + 0.5, learn_beta=True,
                         learn_threshold=True, init_hidden=True, **others)
    return digits_input(nn.Sequential(nn.Linear(64, 40, bias=False), learned(40), nn.Linear(40, 10),
                                      learned(10, output=True)))


@network(reset=None)
def snntorch_leaky_zero_at_once():
    return digits_input(nn.Sequential(nn.Linear(64, 40),
                                      leaky(0.9, 40, reset_mechanism="zero", reset_delay=False), nn.Linear(40, 10),
                                      leaky(0.9, 10, reset_mechanism="zero", reset_delay=False, output=True)))


@network(exporter=None, reset="subtract", differs="there snnTorch counts a rest above the threshold a second time")
def snntorch_leaky_subtract_at_once():
    return digits_input(nn.Sequential(nn.Linear(64, 40), leaky(0.9, 40, reset_delay=False), nn.Linear(40, 10),
                                      leaky(0.9, 10, reset_delay=False, output=True)))


def synaptic(count, **others):
    return snn.Synaptic(alpha=torch.full((count,), 0.6), beta=torch.full((count,), 0.8),
                        threshold=torch.ones(count), init_hidden=True, **others)


@network(reset="subtract")
def snntorch_synaptic():
    return digits_input(nn.Sequential(nn.Linear(64, 40), synaptic(40), nn.Linear(40, 10), synaptic(10, output=True)))


@network(reset="zero-later")
def snntorch_synaptic_zero():
    return digits_input(nn.Sequential(nn.Linear(64, 40), synaptic(40, reset_mechanism="zero"), nn.Linear(40, 10),
                                      synaptic(10, reset_mechanism="zero", output=True)))


@network(reset=None)
def snntorch_synaptic_zero_at_once():
    others = dict(reset_mechanism="zero", reset_delay=False)
    return digits_input(nn.Sequential(nn.Linear(64, 40), synaptic(40, **others), nn.Linear(40, 10),
                                      synaptic(10, output=True, **others)))


def rleaky(count=40, **others):
    if others.get("all_to_all", True):
        others["linear_features"] = count
    else:
        others["V"] = torch.rand(count) - 0.5
    return snn.RLeaky(beta=torch.full((count,), 0.8), threshold=torch.ones(count), init_hidden=True, **others)


def rsynaptic(count=40, **others):
    if others.get("all_to_all", True):
        others["linear_features"] = count
    else:
        others["V"] = torch.rand(count) - 0.5
    return snn.RSynaptic(alpha=torch.full((count,), 0.5), beta=torch.full((count,), 0.8),
                         threshold=torch.ones(count), init_hidden=True, **others)


@network(reset="subtract")
def snntorch_rleaky():
    return digits_input(nn.Sequential(nn.Linear(64, 40), rleaky(), nn.Linear(40, 10), leaky(0.9, 10, output=True)))


@network(reset="subtract")
def snntorch_rleaky_one_to_one():
    return digits_input(nn.Sequential(nn.Linear(64, 40), rleaky(all_to_all=False), nn.Linear(40, 10),
                                      leaky(0.9, 10, output=True)))


@network(reset="zero-later")
def snntorch_rleaky_zero():
    return digits_input(nn.Sequential(nn.Linear(64, 40), rleaky(reset_mechanism="zero"), nn.Linear(40, 10),
                                      leaky(0.9, 10, reset_mechanism="zero", output=True)))


@network(reset=None)
def snntorch_rleaky_zero_at_once():
    return digits_input(nn.Sequential(nn.Linear(64, 40), rleaky(reset_mechanism="zero", reset_delay=False),
                                      nn.Linear(40, 10), leaky(0.9, 10, reset_mechanism="zero", output=True)))


@network(reset="subtract")
def snntorch_rsynaptic():
    return digits_input(nn.Sequential(nn.Linear(64, 40), rsynaptic(), nn.Linear(40, 10), leaky(0.9, 10, output=True)))


@network(reset="zero-later")
def snntorch_rsynaptic_zero():
    return digits_input(nn.Sequential(nn.Linear(64, 40), rsynaptic(all_to_all=False, reset_mechanism="zero"),
                                      nn.Linear(40, 10), leaky(0.9, 10, reset_mechanism="zero", output=True)))


@network(reset="subtract")
def snntorch_conv_average():
    return images_input(nn.Sequential(nn.Conv2d(1, 6, 3, padding=1), leaky(0.8, 6, 8, 8), nn.AvgPool2d(2),
                                      nn.Conv2d(6, 8, 3), leaky(0.8, 8, 2, 2), nn.Flatten(), nn.Linear(32, 10),
                                      leaky(0.9, 10, output=True)))


@network(reset=None)
def snntorch_conv_same():
    """Padding by name, no bias."""
    others = dict(reset_mechanism="zero")
    return images_input(nn.Sequential(nn.Conv2d(1, 6, 3, padding="same", bias=False), leaky(0.8, 6, 8, 8, **others),
                                      nn.AvgPool2d(2), nn.Conv2d(6, 12, 3, padding="valid"),
                                      leaky(0.8, 12, 2, 2, **others), nn.Flatten(), nn.Linear(12 * 2 * 2, 10),
                                      leaky(0.8, 10, output=True, **others)))


@network(reset=None)
def snntorch_conv_oblong():
    """A kernel that is no square: nir 1.0.8 derives a wrong shape and refuses to export."""
    others = dict(reset_mechanism="zero")
    return images_input(nn.Sequential(nn.Conv2d(1, 6, (3, 2)), leaky(0.8, 6, 6, 7, **others), nn.Flatten(),
                                      nn.Linear(6 * 6 * 7, 10), leaky(0.8, 10, output=True, **others)))


@network(reset=None)
def snntorch_conv_groups():
    others = dict(reset_mechanism="zero")
    return images_input(nn.Sequential(nn.Conv2d(1, 6, 3, stride=2, padding=1), leaky(0.8, 6, 4, 4, **others),
                                      nn.Conv2d(6, 12, 3, groups=3), leaky(0.8, 12, 2, 2, **others), nn.Flatten(),
                                      nn.Linear(48, 10), leaky(0.8, 10, output=True, **others)))


@network(reset="subtract")
def snntorch_conv_maxpool():
    return images_input(nn.Sequential(nn.Conv2d(1, 6, 3, padding=1), leaky(0.8, 6, 8, 8), nn.MaxPool2d(2), nn.Flatten(),
                                      nn.Linear(96, 10), leaky(0.9, 10, output=True)))


@network(reset="subtract")
def snntorch_conv_rleaky():
    """A recurrent layer that convolves its own spikes."""
    hidden = snn.RLeaky(beta=0.8, conv2d_channels=4, kernel_size=3, init_hidden=True)
    return images_input(nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), hidden, nn.AvgPool2d(2), nn.Flatten(),
                                      nn.Linear(64, 10), leaky(0.9, 10, output=True)))


# sinabs ---------------------------------------------------------------------------------------------------------------

SINGLE_ZERO = dict(spike_fn=Single, reset_fn=sa.MembraneReset())
SINGLE_SUBTRACT = dict(spike_fn=Single, reset_fn=sa.MembraneSubtract())
DEFAULT = dict(spike_fn=Multi)


def squeezed(layer, *arguments, **others):
    """The layers that the exporter takes: those of four dimensions would have a time axis in the file."""
    return layer(*arguments, batch_size=1, **others)


def leaky_sinabs(count, tau=10.0, **others):
    """Time constant and threshold of each neuron: scalars do not pass NIR's type check."""
    return squeezed(sl.LIFSqueeze, tau_mem=torch.full((count,), tau), spike_threshold=torch.ones(count), **others)


def sinabs_convolutions(neurons, pool, bias=False):
    return images_input(nn.Sequential(nn.Conv2d(1, 6, 3, padding=1, bias=bias), neurons(), pool(2),
                                      nn.Conv2d(6, 8, 3, bias=bias), neurons(), nn.Flatten(),
                                      nn.Linear(32, 10, bias=bias), neurons()))


@network(reset=None)
def sinabs_iaf_zero():
    return digits_input(nn.Sequential(nn.Linear(64, 40), squeezed(sl.IAFSqueeze, **SINGLE_ZERO), nn.Linear(40, 10),
                                      squeezed(sl.IAFSqueeze, **SINGLE_ZERO)))


@network(reset=None)
def sinabs_conv_zero():
    return sinabs_convolutions(lambda: squeezed(sl.IAFSqueeze, **SINGLE_ZERO), sl.SumPool2d)


@network(reset="subtract")
def sinabs_conv_single():
    return sinabs_convolutions(lambda: squeezed(sl.IAFSqueeze, **SINGLE_SUBTRACT), sl.SumPool2d, bias=True)


@network(reset="subtract-all")
def sinabs_conv_default():
    """Several spikes a step, the threshold subtracted for each: what sinabs does unless told otherwise."""
    return sinabs_convolutions(lambda: squeezed(sl.IAFSqueeze, **DEFAULT), sl.SumPool2d)


@network(reset="subtract-all", min_potential=-1)
def sinabs_conv_bounded():
    """The potential does not fall below -1, as from_model sets it; the file does not say so."""
    return sinabs_convolutions(lambda: squeezed(sl.IAFSqueeze, min_v_mem=-1.0, **DEFAULT), sl.SumPool2d)


@network(reset="subtract-all")
def sinabs_conv_average():
    return sinabs_convolutions(lambda: squeezed(sl.IAFSqueeze, **DEFAULT), nn.AvgPool2d)


def sinabs_leaky(hidden, output=None):
    return digits_input(nn.Sequential(nn.Linear(64, 40), hidden, nn.Linear(40, 10), output or hidden))


@network(reset="subtract-all")
def sinabs_lif_default():
    return sinabs_leaky(leaky_sinabs(40, **DEFAULT), leaky_sinabs(10, **DEFAULT))


@network(reset=None)
def sinabs_lif_zero():
    hidden = squeezed(sl.LIFSqueeze, tau_mem=torch.rand(40) * 15 + 3, spike_threshold=torch.ones(40), **SINGLE_ZERO)
    return sinabs_leaky(hidden, leaky_sinabs(10, **SINGLE_ZERO))


@network(exporter="sinabs-unnormalised", reset=None)
def sinabs_lif_unnormalised():
    others = dict(norm_input=False, **SINGLE_ZERO)
    return sinabs_leaky(leaky_sinabs(40, **others), leaky_sinabs(10, **others))


@network(reset=None, differs="sinabs's exporter leaves tau_syn out")
def sinabs_lif_synapse():
    """With a synaptic current."""
    others = dict(tau_syn=5.0, **SINGLE_ZERO)
    return sinabs_leaky(leaky_sinabs(40, **others), leaky_sinabs(10, **others))


@network(reset=None)
def sinabs_lif_scalar():
    return sinabs_leaky(squeezed(sl.LIFSqueeze, tau_mem=10.0, **SINGLE_ZERO), leaky_sinabs(10, **SINGLE_ZERO))


@network(reset=None)
def sinabs_iaf_unsqueezed():
    return sinabs_leaky(sl.IAF(**SINGLE_ZERO), sl.IAF(**SINGLE_ZERO))


@network(reset=None)
def sinabs_lif_recurrent():
    recurrent = sl.LIFRecurrent(tau_mem=10.0, rec_connect=nn.Linear(40, 40), **SINGLE_ZERO)
    return sinabs_leaky(recurrent, sl.IAF(**SINGLE_ZERO))


@network(reset=None)
def sinabs_expleak():
    """The answer is a potential."""
    return sinabs_leaky(squeezed(sl.IAFSqueeze, **SINGLE_ZERO),
                        squeezed(sl.ExpLeakSqueeze, tau_mem=torch.full((10,), 20.0)))


# norse ----------------------------------------------------------------------------------------------------------------

def full(value, shape):
    return torch.full(shape if isinstance(shape, tuple) else (shape,), float(value))


def box(shape, v_leak=0, **others):
    return norse.LIFBoxCell(LIFBoxParameters(tau_mem_inv=full(200, shape), v_th=full(1, shape),
                                             v_leak=full(v_leak, shape), alpha=torch.tensor(10.0), **others))


def cell(shape, **others):
    return norse.LIFCell(LIFParameters(tau_mem_inv=full(300, shape), tau_syn_inv=full(500, shape), v_th=full(1, shape),
                                       v_leak=full(0, shape), alpha=torch.tensor(10.0), **others))


def fire(shape):
    return norse.IAFCell(IAFParameters(v_th=full(1, shape), alpha=torch.tensor(10.0)))


def norse_layers(hidden, output):
    return digits_input(norse.SequentialState(nn.Linear(64, 40), hidden, nn.Linear(40, 10), output))


@network(reset=None)
def norse_box():
    return norse_layers(box(40), box(10))


@network(reset=None)
def norse_box_scalar():
    return norse_layers(norse.LIFBoxCell(), norse.LIFBoxCell())


@network(reset="subtract")
def norse_box_subtract():
    return norse_layers(box(40, reset_method=reset_subtract), box(10, reset_method=reset_subtract))


@network(reset=None)
def norse_box_leak():
    """A resting potential other than 0, which the file has."""
    return norse_layers(box(40, v_leak=0.2), box(10, v_leak=-0.1))


@network(reset=None, differs="norse's exporter leaves v_reset out")
def norse_box_reset():
    """A reset potential other than 0."""
    return norse_layers(box(40, v_reset=full(-0.3, 40)), box(10))


@network(reset=None)
def norse_cell():
    return norse_layers(cell(40), cell(10))


@network(reset=None)
def norse_iaf():
    return norse_layers(fire(40), fire(10))


@network(reset=None)
def norse_conv():
    """Convolutions to the end: norse's exporter knows neither Flatten nor pools."""
    return images_input(norse.SequentialState(nn.Conv2d(1, 6, 3, stride=2, padding=1), box((6, 4, 4)),
                                              nn.Conv2d(6, 8, 3), box((8, 2, 2)), nn.Conv2d(8, 10, 2),
                                              box((10, 1, 1))))


@network(reset=None)
def norse_conv_flatten():
    return images_input(norse.SequentialState(nn.Conv2d(1, 6, 3, stride=2, padding=1), box((6, 4, 4)),
                                              nn.Flatten(0), nn.Linear(96, 10), box(10)))


@network(reset=None)
def norse_recurrent():
    return norse_layers(norse.LIFRecurrentCell(40, 40), cell(10))


# Training -------------------------------------------------------------------------------------------------------------

def encoded(pixels, shape):
    """Spikes (samples, steps, *shape) of images (samples, 64) of 0 to 16."""
    time = np.arange(STEPS)[None, :, None]
    pixels = pixels.astype(int)[:, None, :]
    spikes = (time + 1) * pixels // STEPS > time * pixels // STEPS
    return torch.tensor(spikes.reshape(len(pixels), STEPS, *shape), dtype=torch.float32)


def train(run, net, spikes, labels, epochs, isSpiking):
    optimizer = torch.optim.Adam(net.parameters(), lr=4e-3)
    for _ in range(epochs):
        for batch in torch.randperm(len(spikes)).split(64):
            outputs = run(net, spikes[batch]).flatten(2)
            scores = outputs.sum(1) * 0.5 if isSpiking else outputs.mean(1)
            loss = nn.functional.cross_entropy(scores, labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()


def make(name, root, samples, epochs, isPlain):
    build, facts = NETWORKS[name]
    framework = name.split("_")[0]
    run = RUN[framework]
    torch.manual_seed(7)
    net, shape = build()
    with torch.no_grad():
        # Default weights hardly make a neuron spike; where the input is divided by a time constant, never.
        gain = 12 if name.startswith(("norse_box", "norse_conv", "sinabs_lif")) and "unnorm" not in name else 2
        for layer in net.modules():
            if isinstance(layer, (nn.Linear, nn.Conv2d)):
                layer.weight.mul_(gain)
        export(framework, net, shape)  # fails before the training does its work
    digits = load_digits()
    train_x, test_x, train_y, test_y = train_test_split(
        digits.data, digits.target, test_size=0.25, random_state=42, stratify=digits.target)
    isSpiking = "expleak" not in name
    train(run, net, encoded(train_x, shape), torch.tensor(train_y), epochs, isSpiking)
    spikes = encoded(test_x[:samples], shape)
    with torch.no_grad():
        graph = export(framework, net, shape)
        Margin.value = float("inf")
        outputs = run(net, spikes).flatten(2)
        margin = Margin.value
    scores = outputs.sum(1) if isSpiking else outputs.amax(1)
    answers = scores.argmax(1).numpy()
    counts = scores.numpy().round().astype(np.int32) if isSpiking else np.zeros((len(spikes), CLASSES), np.int32)
    labels = test_y[:samples]
    folder = pathlib.Path(root, "nir/networks", name)
    folder.mkdir(parents=True, exist_ok=True)
    nir.write(folder / f"{name}.nir", graph, compression=None if isPlain else "gzip")
    np.savez_compressed(folder / f"{name}_test.npz", spikes=spikes.numpy().astype(np.uint8),
                        labels=labels.astype(np.int64), output_counts=counts)
    about = dict(network=f"{name}.nir", exporter=facts.get("exporter", framework), dt=STEP_OF[framework],
                 reset=facts["reset"], min_potential=facts.get("min_potential"), differs=facts.get("differs"), samples=len(spikes), steps=STEPS, input_shape=list(shape), margin=margin,
                 accuracy=float((answers == labels).mean()), labels=labels.tolist(), answers=answers.tolist(),
                 output_counts=counts.tolist())
    about = {key: value for key, value in about.items() if value is not None}
    (folder / f"{name}_test.json").write_text(json.dumps(about) + "\n")
    print(f"{name}: accuracy {about['accuracy']:.3f}, {counts.sum()} spikes out, at most {counts.max()}, "
          f"margin {margin:.1e}", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("root")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--samples", type=int, default=450)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--plain", action="store_true", help="uncompressed, which is smaller for small arrays")
    options = parser.parse_intermixed_args()
    for name in options.names or NETWORKS:
        try:
            make(name, options.root, options.samples, options.epochs, options.plain)
        except Exception as error:  # what an exporter cannot write is a finding, too
            print(f"{name}: {type(error).__name__}: {str(error)[:300]}", flush=True)


if __name__ == "__main__":
    main()
