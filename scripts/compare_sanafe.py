"""Runs random networks on spikeloom and on SANA-FE (PyPI wheel sanafe), and compares spikes, energy and time.

usage: compare_sanafe.py SPIKELOOM CHIP.yaml OUT.json [NETWORK...]

Networks are recurrent, without leak, driven by biases: integer weights and thresholds between integers, so that both
programs' numbers are exact. spikeloom maps them on a chip like 'loihi' with small cores; SANA-FE gets the same mapping.
SANA-FE is run several times: its packets go out in the order of heap addresses, so its 'detailed' time varies.
Exits with 1 if spikes, energy or 'simple' time differ, or 'detailed' time by more than 3 %.
"""
import json, pathlib, re, subprocess, sys, tempfile

import nir
import numpy as np
import sanafe

STEPS = 100
REPEATS = 3
# neurons, neurons a core, synapses a neuron, seed
NETWORKS = {
    "64-on-4": (64, 16, 12, 501),
    "128-on-8": (128, 16, 16, 502),
    "256-on-16": (256, 16, 24, 503),
    "512-on-8": (512, 64, 32, 504),
    "1024-on-16": (1024, 64, 40, 505),
    "1024-on-32": (1024, 32, 40, 506),
}


def network(neurons, fan_in, seed):
    rng = np.random.default_rng(seed)
    weights = np.zeros((neurons, neurons))
    for post in range(neurons):
        pre = rng.choice(neurons, fan_in, replace=False)
        weights[post, pre] = rng.integers(1, 12, fan_in) * rng.choice([-1, 1], fan_in)
    bias = rng.integers(0, 30, neurons).astype(float)
    # Input that cancels makes a neuron active in SANA-FE and not here: where nothing else does, weights have one sign.
    weights[bias == 0] = abs(weights[bias == 0])
    return weights, bias, rng.integers(60, 200, neurons) + 0.5


def write_nir(path, weights, bias, threshold):
    neurons = len(bias)
    zeros = np.zeros(neurons)
    nodes = {
        # A NIR graph needs an input; this one has no synapse.
        "input": nir.Input({"input": np.array([1])}),
        "silent": nir.Affine(np.zeros((neurons, 1)), zeros),
        "recurrent": nir.Affine(weights, bias),
        "a": nir.IF(np.ones(neurons), threshold, v_reset=zeros),
        "output": nir.Output({"output": np.array([neurons])}),
    }
    edges = [("input", "silent"), ("silent", "a"), ("a", "recurrent"), ("recurrent", "a"), ("a", "output")]
    nir.write(path, nir.NIRGraph(nodes, edges, type_check=False))


def run_spikeloom(program, chip, folder, per_core, weights, bias, threshold):
    spec = re.sub(r"(?m)^  neurons: \d+", f"  neurons: {per_core}", chip)
    # SANA-FE's neuron has no register of synaptic current, which would keep cubaLIF active a step longer.
    spec = re.sub(r"(?m)^  models: .*", "  models: [if]", spec)
    (folder / "chip.yaml").write_text(spec)
    write_nir(folder / "net.nir", weights, bias, threshold)
    call = lambda *words: subprocess.run([program, *map(str, words)], check=True, cwd=folder, stdout=subprocess.DEVNULL)
    call("compile", "net.nir", "--dt", "1", "--chip", "./chip.yaml", "-o", "net.chipimg", "--quiet")
    result, counts = {}, {}
    # The population sleeps in the first step, because an input reaches it in the second: step s of SANA-FE is our step
    # s + 1, and a sample ends one step after its inputs. Its last packets are delivered one step later still.
    for inputs, model in [(STEPS, "simple"), (STEPS, "detailed"), (STEPS + 1, "simple")]:
        np.savez(folder / "in.npz", spikes=np.zeros((1, inputs, 1), np.uint8))
        call(
            "run", "net.chipimg", "--input", "in.npz", "--energy", "sanafe", "--timing", model, "--json", "run.json",
            "--timeline", "steps.json", "--timeline-steps", f"0-{STEPS}", "--record", "run.mcap", "--quiet",
        )
        report = json.loads((folder / "run.json").read_text())
        terms = {term["name"]: term["joules"] for term in report["energy"]["terms"]}
        if inputs == STEPS + 1:
            counts.update({term: terms[term] for term in ["axonIn", "synapticEvent", "hopEastWest", "hopNorthSouth"]})
            continue
        counts.update({term: terms[term] for term in ["somaAccess", "somaUpdateActive", "spike", "axonOut"]})
        events = json.loads((folder / "steps.json").read_text())["traceEvents"]
        steps = [e["dur"] * 1e-6 for e in events if e["ph"] == "X" and e["tid"] == 0]
        assert len(steps) == STEPS + 1
        result[model] = steps[1:]
        call("convert", "run.mcap", "run.csv")
    rows = [line.split(",") for line in (folder / "run.csv").read_text().split() if line[0].isdigit()]
    # The compiler fills cores tile by tile, by distance from tile 0; tiles are numbered down columns of four.
    tiles = sorted(range(32), key=lambda tile: (tile // 4 + tile % 4, tile))
    cores = [4 * tile + core for tile in tiles for core in range(4)][: -(-len(bias) // per_core)]
    assert sorted(cores) == [entry["core"] for entry in report["chipTime"]["cores"]]
    place = {core: index for index, core in enumerate(cores)}
    result["spikes"] = {(int(step) - 1, place[int(core)] * per_core + int(neuron)) for step, core, neuron in rows}
    result["cores"] = cores
    result["energy"] = sum(counts.values())
    return result


def run_sanafe(weights, bias, threshold, cores, per_core, model):
    architecture = sanafe.load_loihi()
    net = sanafe.Network()
    group = net.create_neuron_group(
        "a", len(bias), soma_hw_name="loihi_lif", default_synapse_hw_name="loihi_sparse_synapse", log_spikes=True
    )
    all_cores = [core for tile in architecture.tiles for core in tile.cores]
    for index, neuron in enumerate(group.neurons):
        neuron.set_attributes(
            model_attributes={
                "threshold": float(threshold[index]), "bias": float(bias[index]), "leak_decay": 1.0, "reset": 0.0,
                "reset_mode": "hard",
            }
        )
        neuron.map_to_core(all_cores[cores[index // per_core]])
    for pre in range(len(bias)):
        for post in np.nonzero(weights[:, pre])[0]:
            group.neurons[pre].connect_to_neuron(group.neurons[int(post)], {"weight": float(weights[post, pre])})
    chip = sanafe.SpikingChip(architecture)
    chip.load(net)
    return chip.sim(STEPS, timing_model=model, spike_trace=True, perf_trace=True)


def spikes_of(result):
    spikes = set()
    for step, fired in enumerate(result["spike_trace"]):
        for neuron in fired:
            text = str(neuron)
            spikes.add((step, int(re.findall(r"\d+", text)[-1])))
    return spikes


def compare(name, program, chip):
    neurons, per_core, fan_in, seed = NETWORKS[name]
    weights, bias, threshold = network(neurons, fan_in, seed)
    with tempfile.TemporaryDirectory() as folder:
        ours = run_spikeloom(program, chip, pathlib.Path(folder), per_core, weights, bias, threshold)
    simple = run_sanafe(weights, bias, threshold, ours["cores"], per_core, "simple")
    theirs = [
        run_sanafe(weights, bias, threshold, ours["cores"], per_core, "detailed")["sim_time"] for _ in range(REPEATS)
    ]
    energy = ours["energy"]
    total = simple["energy"]["total"]
    detailed = sum(ours["detailed"])
    row = {
        "network": name,
        "neurons": neurons,
        "cores": len(ours["cores"]),
        "synapses": int(np.count_nonzero(weights)),
        "steps": STEPS,
        "spikes": len(spikes_of(simple)),
        "spikesEqual": ours["spikes"] == spikes_of(simple),
        "energyInJoules": energy,
        "energyDifference": energy / total - 1,
        "simpleInSeconds": sum(ours["simple"]),
        "simpleDifference": sum(ours["simple"]) / simple["sim_time"] - 1,
        "detailedInSeconds": detailed,
        "detailedDifferences": [detailed / time - 1 for time in theirs],
        "detailedSpreadOfSanafe": max(theirs) / min(theirs) - 1,
    }
    print(json.dumps(row), flush=True)
    return row


def main():
    program, chip, out = sys.argv[1:4]
    names = sys.argv[4:] or list(NETWORKS)
    text = pathlib.Path(chip).read_text()
    rows = [compare(name, str(pathlib.Path(program).resolve()), text) for name in names]
    command = "scripts/interop sanafe " + " ".join(names if sys.argv[4:] else [])
    report = {"command": command.strip(), "wheel": "sanafe 2.2.9", "networks": rows}
    pathlib.Path(out).write_text(json.dumps(report, indent=1) + "\n")
    bad = [
        row["network"]
        for row in rows
        if not row["spikesEqual"]
        or abs(row["energyDifference"]) > 1e-9
        or abs(row["simpleDifference"]) > 1e-9
        or max(map(abs, row["detailedDifferences"])) > 0.03
    ]
    if bad:
        sys.exit(f"differ from SANA-FE: {', '.join(bad)}")


main()
