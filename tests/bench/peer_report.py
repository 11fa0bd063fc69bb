# SPDX-License-Identifier: Apache-2.0
"""What compare_peers.py has measured, as a table, and as a section and a chart in docs/."""
import json
import os
from xml.sax.saxutils import escape

LABELS = {"fcngraph": "fcngraph", "bf16": "fcngraph, bf16", "onednn": "fcngraph, oneDNN alone", "ncnn": "ncnn", "onnxruntime": "ONNX Runtime",
          "openvino": "OpenVINO", "openvino-bf16": "OpenVINO, bf16", "keras": "Keras"}
NOT_HELD_BACK = {"ncnn", "onnxruntime"}  # whatever `--isa` says
ISA_NAMES = {"best": "all that it has", "avx2": "held back to AVX2"}
BEGIN = "<!-- ./dev bench peers --update-docs writes from here -->\n"
END = "<!-- to here -->\n"


def label(engine, isa, version=""):
    return f"{LABELS[engine]} {version}".strip() + (", all it has" if isa != "best" and engine in NOT_HELD_BACK else "")


def table(rows, isa):
    """Markdown: a line for each program, with every batch size that was measured."""
    batches = sorted({row["batch"] for row in rows})
    engines = list(dict.fromkeys(row["engine"] for row in rows))
    columns = ["program"]
    for batch in batches:
        columns += [f"batch {batch}" + (", an image" if batch > 1 else ""), "/ fcngraph"]
    columns += ["output differs by", "same class"]
    lines = ["| " + " | ".join(columns) + " |", "|---" * len(columns) + "|"]
    for engine in engines:
        mine = [row for row in rows if row["engine"] == engine]
        by_batch = {row["batch"]: row for row in mine}
        cells = [label(engine, isa, mine[0]["version"])]
        for batch in batches:
            row = by_batch.get(batch)
            cells += [f"{1e3 * row['seconds'] / batch:.1f} ms", f"**{row['ratio']:.2f}**" if engine != "fcngraph" else ""] if row else ["", ""]
        differs = max(row["rms"] for row in mine)
        cells += [f"{differs:.1e}", f"{100 * min(row['same_class'] for row in mine):.3f} %"] if engine != "fcngraph" else ["", ""]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def update_docs(root, run):
    """Keeps the run in docs/peers.json in the place of an earlier one of the same kind; writes all of them anew."""
    data = os.path.join(root, "docs/peers.json")
    runs = []
    if os.path.exists(data):
        with open(data) as file:
            runs = json.load(file)
    runs = [other for other in runs if (other["machine"], other["isa"]) != (run["machine"], run["isa"])] + [run]
    runs.sort(key=lambda each: (each["machine"], each["isa"] != "best", each["isa"]))
    with open(data, "w") as file:
        file.write(json.dumps(runs, indent=1) + "\n")
    path = os.path.join(root, "docs/benchmarks.md")
    with open(path) as file:
        text = file.read()
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    with open(path, "w") as file:
        file.write(before + BEGIN + "".join(f"\n{title(each)}:\n\n{table(each['rows'], each['isa'])}" for each in runs) + "\n" + END + after)
    with open(os.path.join(root, "docs/benchmarks.svg"), "w") as file:
        file.write(chart(runs))


def title(run):
    rounds = " and ".join(str(r) for r in sorted({row["rounds"] for row in run["rows"]}))
    return f"Machine {run['machine']}, {ISA_NAMES[run['isa']]}, {run['threads']} threads, {run['date']}, {rounds} rounds"


INK, FAINT = "#1f2933", "#7b8794"
FILLS = {1: "#9fb3c8", 8: "#486581"}
OUR_FILLS = {1: "#f0b429", 8: "#cb6e17"}


def chart(runs):
    """Bars of milliseconds an image, a panel a run. Colours hold on white alone, so the picture brings its own."""
    left, right, bar, gap, head = 190, 70, 13, 10, 46
    width = 760
    parts, y = [], 16
    longest = max(1e3 * row["seconds"] / row["batch"] for run in runs for row in run["rows"])
    scale = (width - left - right) / longest
    for run in runs:
        parts.append(text(16, y + 14, f"Machine {run['machine']}, {ISA_NAMES[run['isa']]}, {run['threads']} threads", INK, 14, weight="bold"))
        parts.append(text(16, y + 32, "milliseconds an image, VGG-19 FCN-8s at 224x224, float32 unless said", FAINT, 11))
        y += head
        for engine in dict.fromkeys(row["engine"] for row in run["rows"]):
            rows = sorted((row for row in run["rows"] if row["engine"] == engine), key=lambda row: row["batch"])
            middle = y + len(rows) * bar / 2 + 4
            parts.append(text(left - 10, middle, label(engine, run["isa"]), INK, 12, "end", "bold" if engine == "fcngraph" else "normal"))
            for row in rows:
                ms = 1e3 * row["seconds"] / row["batch"]
                fill = (OUR_FILLS if engine == "fcngraph" else FILLS).get(row["batch"], FAINT)
                parts.append(f'<rect x="{left}" y="{y}" width="{ms * scale:.1f}" height="{bar - 1}" fill="{fill}"/>')
                parts.append(text(left + ms * scale + 5, y + bar - 3, f"{ms:.0f}", INK, 10))
                y += bar
            y += gap
        y += 14
    x = left
    for batch in sorted({row["batch"] for run in runs for row in run["rows"]}):
        for fills in (OUR_FILLS, FILLS):
            parts.append(f'<rect x="{x}" y="{y - 8}" width="10" height="10" fill="{fills.get(batch, FAINT)}"/>')
            x += 14
        parts.append(text(x + 4, y + 1, f"batch {batch}", FAINT, 11))
        x += 70
    height = y + 16
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
            f'font-family="Helvetica, Arial, sans-serif">\n<rect width="{width}" height="{height}" fill="#ffffff"/>\n'
            + "\n".join(parts) + "\n</svg>\n")


def text(x, y, words, fill, size, anchor="start", weight="normal"):
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{fill}" font-size="{size}" text-anchor="{anchor}" font-weight="{weight}">{escape(words)}</text>'
