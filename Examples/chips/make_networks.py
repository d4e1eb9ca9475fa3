#!/usr/bin/env python3
"""Trains small networks of IF neurons for the chips truenorth and odin on the digits of Examples/digits.

    python3 Examples/chips/make_networks.py          # needs numpy and h5py

Writes truenorth.nir (64-32-10, reset by subtraction), odin.nir (64-32-10, reset to zero, each hidden neuron
with weights of one sign) and digits.npz (the 150 samples that were not trained on). Every number of the
training is below; the same numpy gives the same files.

A spiking IF neuron that subtracts its threshold is a rectifier of rates, so rectifiers are trained, on
rates of spikes, with weights rounded to the chip's grid on the way forward (straight-through gradients).
"""
import os

import h5py
import numpy as np

FOLDER = os.path.dirname(os.path.abspath(__file__))
STEPS, HIDDEN, CLASSES = 32, 32, 10
TRAINED = 300


def rounded(w, low, high):
    """Each row on its own grid of whole steps low ... high."""
    unit = np.maximum(w.max(1, keepdims=True) / high, w.min(1, keepdims=True) / low)
    unit = np.maximum(unit, 1e-9)
    return np.clip(np.round(w / unit), low, high) * unit


def train(rates, labels, low, high, one_sign, seed=1, epochs=1500):
    """Weights of both layers on the grid."""
    random = np.random.default_rng(seed)
    sign = np.where(np.arange(HIDDEN) < HIDDEN // 2, 1.0, -1.0)
    w1 = random.normal(0, 0.25, (HIDDEN, rates.shape[1]))
    w2 = random.normal(0, 0.3, (CLASSES, HIDDEN))
    if one_sign:
        w2 = np.abs(w2) * sign
    target = np.eye(CLASSES)[labels]
    moments = [np.zeros_like(w) for w in (w1, w1, w2, w2)]
    for epoch in range(1, epochs + 1):
        q1, q2 = rounded(w1, low, high), rounded(w2, low, high)
        a = rates @ q1.T
        h = np.clip(a, 0, 1)
        scores = 8 * (h @ q2.T)
        p = np.exp(scores - scores.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        delta = 8 * (p - target) / len(labels)
        gradients = ((delta @ q2 * ((a > 0) & (a < 1))).T @ rates, delta.T @ h)
        for w, g, k in ((w1, gradients[0], 0), (w2, gradients[1], 2)):
            g = g + 1e-3 * w
            moments[k] = 0.9 * moments[k] + 0.1 * g
            moments[k + 1] = 0.999 * moments[k + 1] + 0.001 * g * g
            m = moments[k] / (1 - 0.9**epoch)
            v = moments[k + 1] / (1 - 0.999**epoch)
            w -= 0.01 * m / (np.sqrt(v) + 1e-8)
        if one_sign:
            w2 = np.maximum(w2 * sign, 0) * sign
    return rounded(w1, low, high), rounded(w2, low, high)


def sums(spikes, w1, w2, thresholds):
    """Output spike counts of neurons that add up a step, then spike and subtract (TrueNorth)."""
    counts = np.zeros((len(spikes), CLASSES), int)
    v1, v2 = np.zeros((len(spikes), HIDDEN)), np.zeros((len(spikes), CLASSES))
    for step in range(spikes.shape[1]):
        v1 += spikes[:, step] @ w1.T
        s1 = v1 > thresholds[0]
        v1 -= s1 * thresholds[0]
        v2 += s1 @ w2.T
        s2 = v2 > thresholds[1]
        v2 -= s2 * thresholds[1]
        counts += s2
    return counts


def events(spikes, w1, w2, thresholds):
    """The same of neurons that meet one event after another, not below 0, and spike to 0 (ODIN)."""
    counts = np.zeros((len(spikes), CLASSES), int)
    v1, v2 = np.zeros((len(spikes), HIDDEN)), np.zeros((len(spikes), CLASSES))

    def layer(v, arriving, w, threshold):
        spiked = np.zeros(v.shape, bool)
        for source in range(w.shape[1]):
            for part in (np.maximum(w[:, source], 0), np.minimum(w[:, source], 0)):
                if part.any():
                    v[:] = np.maximum(v + np.outer(arriving[:, source], part), 0)
                    fires = v > threshold
                    v[fires] = 0
                    spiked |= fires
        return spiked

    for step in range(spikes.shape[1]):
        s1 = layer(v1, spikes[:, step], w1, thresholds[0])
        counts += layer(v2, s1, w2, thresholds[1])
    return counts


def write(path, w1, w2, thresholds):
    """A NIR file: Linear, IF, Linear, IF."""
    text = h5py.string_dtype()
    with h5py.File(path, "w") as file:
        file.create_dataset("version", data="1.0.8", dtype=text)
        node = file.create_group("node")
        node.create_dataset("type", data="NIRGraph", dtype=text)
        edges = [("input", "0"), ("0", "1"), ("1", "2"), ("2", "3"), ("3", "output")]
        node.create_dataset("edges", data=np.array(edges, dtype=object), dtype=text)
        nodes = node.create_group("nodes")

        def add(name, kind, **parameters):
            group = nodes.create_group(name)
            group.create_dataset("type", data=kind, dtype=text)
            for key, value in parameters.items():
                group.create_dataset(key, data=value)

        add("input", "Input", shape=np.array([w1.shape[1]]))
        add("output", "Output", shape=np.array([CLASSES]))
        for place, (w, threshold) in enumerate(zip((w1, w2), thresholds)):
            add(str(2 * place), "Linear", weight=w.astype("<f4"))
            one = np.ones(len(w), "<f4")
            add(str(2 * place + 1), "IF", r=one, v_threshold=one * threshold, v_reset=0 * one)


def main():
    with np.load(os.path.join(FOLDER, "../digits/digits_fc_test.npz")) as file:
        spikes, labels = file["spikes"], file["labels"]
    order = np.random.default_rng(0).permutation(len(labels))
    known, new = order[:TRAINED], order[TRAINED:]
    rates = spikes.mean(1)
    np.savez_compressed(os.path.join(FOLDER, "digits.npz"), spikes=spikes[new], labels=labels[new])

    def accuracy(run, samples, *network):
        return (run(spikes[samples], *network).argmax(1) == labels[samples]).mean()

    for name, low, high, one_sign, run, choices in (
        ("truenorth", -8, 7, False, sums, [(1.0, 1.0)]),
        # An event may spike before inhibition of the same step comes: higher thresholds wait for it.
        ("odin", -7, 7, True, events, [(a, b) for a in (2.0, 3, 4, 6, 8) for b in (0.5, 1.0, 2, 3)]),
    ):
        w1, w2 = train(rates[known], labels[known], low, high, one_sign)
        best = max(choices, key=lambda choice: accuracy(run, known, w1, w2, choice))
        write(os.path.join(FOLDER, f"{name}.nir"), w1, w2, best)
        share = accuracy(run, new, w1, w2, best)
        print(f"{name}: thresholds {best}, {100 * share:.1f} % of {len(new)} new samples")


main()
