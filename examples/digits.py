"""Trains a small neural network on handwritten digits, and lets labtop watch.

The data are the 1,797 pictures of 8x8 pixels that come with scikit-learn; the network is one hidden layer, written out
in numpy. What labtop needs are the lines that mention `task` or `logger`; everything else would look the same without.

    python examples/digits.py --lr 0.05 --epochs 20
"""

import argparse
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits

from capture import OutputModel, Task

Array = NDArray[np.float64]


class Network:
    """Pixels -> one hidden layer with ReLU -> ten scores, trained by stochastic gradient descent."""

    def __init__(self, hidden: int, rng: np.random.Generator) -> None:
        self.weights = [rng.normal(0, np.sqrt(2 / 64), (64, hidden)), rng.normal(0, np.sqrt(2 / hidden), (hidden, 10))]
        self.biases = [np.zeros(hidden), np.zeros(10)]
        self.velocity = [np.zeros_like(array) for array in self.arrays]

    @property
    def arrays(self) -> list[Array]:
        """Everything that is learned."""
        return [*self.weights, *self.biases]

    def forward(self, images: Array) -> tuple[Array, Array]:
        """The hidden layer and the probability of each digit, one row a picture."""
        hidden = np.maximum(images @ self.weights[0] + self.biases[0], 0)
        scores = hidden @ self.weights[1] + self.biases[1]
        exponents = np.exp(scores - scores.max(axis=1, keepdims=True))
        return hidden, exponents / exponents.sum(axis=1, keepdims=True)

    def step(self, images: Array, digits: NDArray[np.int64], lr: float, momentum: float) -> float:
        """Learns from one batch; gives its loss (mean cross-entropy) from before the step."""
        hidden, probabilities = self.forward(images)
        rows = np.arange(len(digits))
        loss = -np.log(probabilities[rows, digits] + 1e-12).mean()

        error = probabilities.copy()
        error[rows, digits] -= 1
        error /= len(digits)
        hidden_error = (error @ self.weights[1].T) * (hidden > 0)
        gradients = [images.T @ hidden_error, hidden.T @ error, hidden_error.sum(axis=0), error.sum(axis=0)]

        for array, velocity, gradient in zip(self.arrays, self.velocity, gradients, strict=True):
            velocity *= momentum
            velocity -= lr * gradient
            array += velocity
        return float(loss)

    def confusion(self, images: Array, digits: NDArray[np.int64]) -> NDArray[np.int64]:
        """How often each digit (rows) was read as each (columns)."""
        counts = np.zeros((10, 10), dtype=np.int64)
        np.add.at(counts, (digits, self.forward(images)[1].argmax(axis=1)), 1)
        return counts

    def accuracy(self, images: Array, digits: NDArray[np.int64]) -> float:
        """The share of pictures it reads right."""
        return float((self.forward(images)[1].argmax(axis=1) == digits).mean())

    def save(self, path: Path) -> None:
        """Writes the model as one .npz file."""
        hidden_weights, output_weights, hidden_biases, output_biases = self.arrays
        np.savez(
            path,
            hidden_weights=hidden_weights,
            output_weights=output_weights,
            hidden_biases=hidden_biases,
            output_biases=output_biases,
        )


def arguments() -> argparse.Namespace:
    """The hyperparameters. labtop records them by itself; edited in a clone, they come back in right here."""
    parser = argparse.ArgumentParser(description="Train a small network on handwritten digits.")
    parser.add_argument("--lr", type=float, default=0.1, help="learning rate (default: %(default)s)")
    parser.add_argument("--epochs", type=int, default=15, help="passes over the data (default: %(default)s)")
    parser.add_argument("--batch", type=int, default=64, help="pictures a step (default: %(default)s)")
    parser.add_argument("--hidden", type=int, default=32, help="hidden units (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of weights and order (default: %(default)s)")
    parser.add_argument("--no-momentum", action="store_true", help="plain SGD in place of momentum 0.9")
    parser.add_argument("--out", type=Path, default=Path("digits_mlp.npz"), help="model file (default: %(default)s)")
    parser.add_argument(
        "--pace",
        type=float,
        default=0.05,
        help="seconds to sleep after each step, for show: the training itself takes less than a second, too quick to "
        "watch (default: %(default)s; 0 for full speed)",
    )
    return parser.parse_args()


def main() -> None:
    """Trains for the asked number of epochs, reporting as it goes."""
    task = Task.init(project_name="examples/digits", task_name="mlp")
    logger = task.get_logger()
    args = arguments()

    pixels, digits = load_digits(return_X_y=True)
    rng = np.random.default_rng(args.seed)
    order = rng.permutation(len(digits))
    images, digits = pixels[order] / 16, digits[order]
    train, test = slice(360, None), slice(0, 360)

    network = Network(args.hidden, rng)
    momentum = 0.0 if args.no_momentum else 0.9
    count = len(digits[train])
    print(f"{count} pictures to learn from, {len(digits[test])} to be tested on, batches of {args.batch}", flush=True)

    iteration = 0
    total = args.epochs * -(-count // args.batch)
    for epoch in range(1, args.epochs + 1):
        shuffled = rng.permutation(count)
        for start in range(0, count, args.batch):
            batch = shuffled[start : start + args.batch]
            loss = network.step(images[train][batch], digits[train][batch], args.lr, momentum)
            iteration += 1
            logger.report_scalar("loss", "train", loss, iteration)
            task.set_progress(100 * iteration // total)
            time.sleep(args.pace)

        accuracy = network.accuracy(images[test], digits[test])
        logger.report_scalar("accuracy", "validation", accuracy, iteration)
        print(f"epoch {epoch:3}/{args.epochs}  loss {loss:.4f}  accuracy {accuracy:.4f}", flush=True)

    names = [str(digit) for digit in range(10)]
    logger.report_confusion_matrix(
        "confusion", "test", network.confusion(images[test], digits[test]), iteration, xaxis="read", yaxis="drawn",
        xlabels=names, ylabels=names, yaxis_reversed=True,
    )  # fmt: skip
    accuracy = network.accuracy(images[test], digits[test])
    logger.report_single_value("final accuracy", accuracy)
    network.save(args.out)
    model = OutputModel(task, name="digits", framework="numpy", label_enumeration={name: int(name) for name in names})
    model.update_weights(args.out, iteration=iteration)
    task.upload_artifact("summary", {"accuracy": round(accuracy, 4), "tested on": len(digits[test])})
    print(f"{accuracy:.1%} of the test pictures read right; the model is in {args.out}", flush=True)


if __name__ == "__main__":
    main()
