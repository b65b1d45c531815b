"""The training script of the seeded store: made-up curves, the same every time, everything else as in a real one."""

import argparse
import io
import math
import os
import random
import struct
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from capture import Logger, OutputModel, Task


def arguments() -> argparse.Namespace:
    """Return what was given on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="resnet18", help="architecture")
    parser.add_argument("--lr", type=float, default=0.1, help="learning rate")
    parser.add_argument("--epochs", type=int, default=40, help="passes over the data")
    parser.add_argument("--batch-size", type=int, default=128, help="pictures a step")
    parser.add_argument("--warmup", type=int, help="steps of warm-up")
    parser.add_argument("--amp", action="store_true", help="mixed precision")
    parser.add_argument("--stop-at", type=int, default=0, help="epoch at which --how happens")
    parser.add_argument("--how", choices=("nan", "memory", "interrupt", "hold"), default="hold")
    return parser.parse_args()


def main() -> None:
    """Report curves, print lines, and end as told."""
    task = Task.init(
        os.environ["SEED_PROJECT"],
        os.environ["SEED_NAME"],
        tags=os.environ["SEED_TAGS"].split(),
        auto_resource_monitoring=False,
    )
    args = arguments()
    task.connect({"optimizer": {"name": "sgd", "momentum": 0.9, "nesterov": True}, "classes": [0, 1, 2, 3]}, name="net")
    logger = task.get_logger()
    noise = random.Random(os.environ["SEED_NAME"])
    print(f"{args.model}: 11.2 M parameters, {args.batch_size} pictures a step")
    steps = 25
    for epoch in range(1, args.epochs + 1):
        for step in range((epoch - 1) * steps, epoch * steps):
            decay = math.exp(-step * args.lr / 60)
            loss = 0.18 + 2.1 * decay + noise.gauss(0, 0.05 + 0.1 * decay)
            logger.report_scalar("loss", "train", loss, step)
        logger.report_scalar("loss", "val", 0.24 + 2.0 * decay + noise.gauss(0, 0.02), step)
        accuracy = 0.94 - 0.84 * decay + noise.gauss(0, 0.006)
        logger.report_scalar("accuracy", "val", accuracy, step)
        logger.report_scalar("lr", "schedule", args.lr * 0.5 * (1 + math.cos(math.pi * epoch / args.epochs)), step)
        print(f"epoch {epoch:3}/{args.epochs}  loss {loss:.4f}  val accuracy {accuracy:.3f}")
        task.set_progress(100 * epoch / args.epochs)
        if epoch == args.stop_at:
            stop(args.how, logger, step)
    plots(logger, args.model, (steps * 10, steps * 20, step))
    if args.lr == 0.03:
        machine(logger)
    logger.report_single_value("best accuracy", round(accuracy, 4))
    outputs(task, args.model, step)


def machine(logger: Logger) -> None:
    """Report what the recorder would have of a machine with two GPUs: a sample each half minute."""
    noise = random.Random(2)
    for seconds in range(30, 930, 30):
        warm = 1 - math.exp(-seconds / 200)
        for gpu, share in ((0, 0.93), (1, 0.71)):
            busy = 100 * share * warm * (1 - noise.random() / 9)
            logger.report_scalar(":monitor:gpu", f"gpu_{gpu}_utilization", busy, seconds)
            logger.report_scalar(":monitor:gpu", f"gpu_{gpu}_temperature", 41 + 34 * share * warm, seconds)
        logger.report_scalar(":monitor:machine", "cpu_usage", 22 + noise.random() * 12, seconds)
        logger.report_scalar(":monitor:machine", "memory_used_gb", 18 + 6 * warm, seconds)
        logger.report_scalar(":monitor:machine", "disk_read_mbs", 240 * abs(math.sin(seconds / 70)), seconds)


def plots(logger: Logger, model: str, iterations: tuple[int, ...]) -> None:
    """Report a plot of each kind."""
    names = ["cat", "dog", "fox", "owl", "yak"]
    for iteration in iterations:
        noise = random.Random(iteration)
        wrong = 40 - iteration // 30
        matrix = [[400 - 4 * wrong if a == b else noise.randint(0, wrong) for b in names] for a in names]
        logger.report_confusion_matrix(
            "confusion", "val", matrix, iteration, xaxis="predicted", yaxis="true", xlabels=names, ylabels=names
        )
    noise = random.Random(model)
    counts = [0] * 24
    for _ in range(4000):
        counts[min(23, max(0, int(noise.gauss(12, 3.5))))] += 1
    logger.report_histogram("weights", "layer 4", counts, iteration, xaxis="weight", yaxis="count")
    logger.report_scatter2d(
        "calibration", "val", [[n / 20, (n / 20) ** 1.3] for n in range(21)], iteration, xaxis="said", yaxis="was"
    )
    for seen in iterations:
        for name, waves in (("cat", 9), ("owl", 17)):
            logger.report_media("worst", name, seen, stream=io.BytesIO(drawing(waves, seen)), file_extension="bmp")
    spreads(logger, iteration)
    worst: list[list[object]] = [["picture", "true", "said", "loss"]]
    worst += [[f"img-{n:04}.png", names[n % 5], names[n % 4], round(9 / (n + 2), 3)] for n in range(40)]
    logger.report_table("worst", "pictures", iteration, table_plot=worst)


def spreads(logger: Logger, iteration: int) -> None:
    """Report the errors of each class as boxes, and the gradients of two layers as violins."""
    noise = random.Random("spreads")
    classes = [name for name in ("cat", "dog", "owl") for _ in range(60)]
    boxes = [
        {"type": "box", "name": split, "boxmean": True, "x": classes,
         "y": [noise.gammavariate(2, scale + n / 8) for n in range(3) for _ in range(60)]}
        for split, scale in (("train", 0.2), ("val", 0.4))
    ]  # fmt: skip
    said = {"xaxis": {"title": "class"}, "yaxis": {"title": "loss"}, "boxmode": "group"}
    logger.report_plotly("errors", "by class", {"data": boxes, "layout": said}, iteration)
    violins = [
        {"type": "violin", "name": layer, "box": {"visible": True},
         "y": [noise.gauss(noise.choice((-apart, apart)), 0.5) for _ in range(400)]}
        for layer, apart in (("stem", 0.0), ("layer 1", 0.6), ("layer 4", 1.1))
    ]  # fmt: skip
    logger.report_plotly("gradients", "by layer", {"data": violins, "layout": {}}, iteration)


def drawing(waves: int, iteration: int) -> bytes:
    """Return a picture as a BMP file, which is the same bytes everywhere."""
    wide, high = 96, 64
    pixels = bytearray()
    for y in range(high):
        for x in range(wide):
            ring = ((x - wide // 2) ** 2 + (y - high // 2) ** 2) // waves + iteration
            pixels += bytes((255 * y // high, abs(ring % 256 - 128), 255 * x // wide))
    head = struct.pack("<2sIHHI", b"BM", 54 + len(pixels), 0, 0, 54)
    return head + struct.pack("<IiiHHIIiiII", 40, wide, -high, 1, 24, 0, 0, 0, 0, 0, 0) + bytes(pixels)


def outputs(task: Task, name: str, step: int) -> None:
    """Keep a model and some artifacts, whose bytes are the same every time."""
    labels = {"cat": 0, "dog": 1, "fox": 2, "owl": 3, "yak": 4}
    rows = "".join(f"img-{n:04}.png,{list(labels)[n % 5]},{0.99 - n / 400:.4f}\n" for n in range(60))
    with TemporaryDirectory() as folder:  # not in the repository, whose changes are recorded
        weights, table = Path(folder, f"{name}.npz"), Path(folder, "predictions.csv")
        weights.write_bytes(bytes(46_800))
        table.write_text(f"picture,class,sure\n{rows}")
        model = OutputModel(task, name=name, framework="numpy", label_enumeration=labels, tags=["best"])
        model.update_weights(str(weights), iteration=step)
        task.upload_artifact("predictions", table, metadata={"rows": 60, "split": "val"})
    task.upload_artifact("vocabulary", labels)


def stop(how: str, logger: object, step: int) -> None:
    """End, or wait, in the way asked for."""
    sys.tracebacklimit = 0  # the folder of the store differs each time
    if how == "nan":
        for late in range(step + 1, step + 26):
            logger.report_scalar("loss", "train", math.nan, late)  # type: ignore[attr-defined]
        raise FloatingPointError(f"loss is NaN at step {step + 25}")
    if how == "memory":
        print("allocating 2.40 GiB for attention weights", file=sys.stderr)
        raise MemoryError("CUDA out of memory: tried to allocate 2.40 GiB")
    if how == "interrupt":
        raise KeyboardInterrupt
    sys.stdout.flush()
    sys.stdin.readline()


if __name__ == "__main__":
    main()
