"""check_events.py FOLDER [RUN]: TensorBoard itself reads what write_events wrote, and the run folder of a training."""
import csv
import io
import json
import math
import pathlib
import sys
import time
import urllib.request

from tensorboard import program
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import metadata as hparams_metadata
from tensorboard.util import tensor_util


def accumulated(folder):
    events = EventAccumulator(str(folder), size_guidance={"scalars": 0, "histograms": 0, "images": 0, "tensors": 0})
    return events.Reload()


def check_values(folder):
    events = accumulated(folder)
    assert events.Tags()["scalars"] == ["training/loss"], events.Tags()
    loss = {s.step: s.value for s in events.Scalars("training/loss")}
    assert loss == {**{k: k / 8 for k in range(1, 6)}, **{k: -k for k in range(6, 9)}}, loss  # the restart purged

    (image,) = events.Images("views")
    assert (image.height, image.width) == (2, 3) and image.encoded_image_string.startswith(b"\x89PNG")

    histograms = events.Histograms("student/w")
    assert [h.step for h in histograms] == [6, 7, 8]
    h = histograms[0].histogram_value
    assert (h.min, h.max, h.num) == (-2, 5, 5) and math.isclose(h.sum, 3.002, rel_tol=1e-6)
    assert math.isclose(h.sum_squares, 29.000002, rel_tol=1e-6)
    assert len(h.bucket) == len(h.bucket_limit) and sum(h.bucket) == 5 and max(h.bucket) == 2
    for value, count in ((-2, 1), (0, 1), (0.001, 2), (5, 1)):
        place = next(i for i, limit in enumerate(h.bucket_limit) if limit > value)
        assert h.bucket[place] == count, (value, count)

    (text,) = events.Tensors("mutations/text_summary")
    assert tensor_util.make_ndarray(text.tensor_proto).tolist() == [b"**grow** stage #0"]
    assert events.SummaryMetadata("mutations/text_summary").plugin_data.plugin_name == "text"

    content = lambda tag: events.SummaryMetadata(tag).plugin_data.content
    experiment = hparams_metadata.parse_experiment_plugin_data(content(hparams_metadata.EXPERIMENT_TAG))
    assert [i.name for i in experiment.hparam_infos] == ["train.steps", "data.turns", "name"]
    assert [m.name.tag for m in experiment.metric_infos] == ["training/loss"]
    start = hparams_metadata.parse_session_start_info_plugin_data(content(hparams_metadata.SESSION_START_INFO_TAG))
    assert start.hparams["train.steps"].number_value == 10 and start.hparams["data.turns"].bool_value
    assert start.hparams["name"].string_value == "zebra"
    end = hparams_metadata.parse_session_end_info_plugin_data(content(hparams_metadata.SESSION_END_INFO_TAG))
    assert end.status == 1
    print(f"{folder}: every value read")


def served(folder, fast):
    """What TensorBoard's own server answers about the folder, with either of its readers."""
    board = program.TensorBoard()
    board.configure(argv=[None, "--logdir", str(folder), "--port", "0", "--load_fast", fast, "--reload_interval", "1"])
    url = board.launch()

    def ask(path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{url}{path}", data=data, headers={"Content-Type": "application/json"})
        return urllib.request.urlopen(request).read()

    return ask


def check_server(folder, fast):
    ask = served(folder, fast)
    wanted = [(k, k / 8) for k in range(1, 6)] + [(k, -k) for k in range(6, 9)]
    rows = None
    for _ in range(100):  # it reads while it answers
        time.sleep(0.1)
        runs = json.loads(ask("data/plugin/scalars/tags"))
        if not runs:
            continue
        (run,) = runs
        table = ask(f"data/plugin/scalars/scalars?tag=training/loss&run={run}&format=csv").decode()
        rows = [(int(r[1]), float(r[2])) for r in list(csv.reader(io.StringIO(table)))[1:]]
        if rows == wanted and json.loads(ask("data/plugin/text/tags")):
            break
    assert rows == wanted, rows
    assert json.loads(ask("data/plugin/histograms/tags"))[run].keys() == {"student/w"}
    assert json.loads(ask("data/plugin/images/tags"))[run].keys() == {"views"}
    assert json.loads(ask("data/plugin/text/tags"))[run] == ["mutations/text_summary"]
    query = {"startIndex": 0, "sliceSize": 10, "allowedStatuses": ["STATUS_SUCCESS"], "colParams": []}
    (group,) = json.loads(ask("data/plugin/hparams/session_groups", query))["sessionGroups"]
    assert group["hparams"]["name"] == "zebra" and group["hparams"]["train.steps"] == 10, group
    (metric,) = group["metricValues"]
    assert metric["name"]["tag"] == "training/loss" and metric["value"] == -8, metric
    print(f"{folder}: the server (load_fast {fast}) shows scalars, histograms, images, text and the HPARAMS page")


def check_run(run):
    """The event files of a run folder hold what its metrics.csv and history.json hold."""
    events = accumulated(run)
    rows = list(csv.DictReader(open(run / "metrics.csv")))
    tags = {"probe": "training/probe", "loss": "training/loss", "rate": "training/rate", "params": "net/params", "macs": "net/macs", "mutations": "net/mutations"}
    for column, tag in tags.items():
        scalars = [(s.step, s.value) for s in events.Scalars(tag)]
        assert [s for s, _ in scalars] == [int(r["step"]) for r in rows], (tag, scalars)
        assert all(math.isclose(v, float(r[column]), rel_tol=1e-6) for (_, v), r in zip(scalars, rows)), tag
    mutations = json.load(open(run / "history.json"))
    if mutations:
        texts = events.Tensors("mutations/text_summary")
        assert [t.step for t in texts] == [m["step"] for m in mutations]
    assert events.Tags()["histograms"] and events.Tags()["images"] == ["views"]
    assert hparams_metadata.SESSION_START_INFO_TAG in events.PluginTagToContent("hparams")
    print(f"{run}: as metrics.csv and history.json, {len(rows)} rows, {len(mutations)} mutations")


check_values(pathlib.Path(sys.argv[1]))
check_server(pathlib.Path(sys.argv[1]), "false")
check_server(pathlib.Path(sys.argv[1]), "true")
for run in sys.argv[2:]:
    check_run(pathlib.Path(run))
