using Unroll.Inference;

namespace Unroll.Cli.Bench;

/// <summary>One model to time: recurrent layers of one kind in a row, every step's output asked for.</summary>
/// <param name="Name">What the results call it.</param>
/// <param name="Cell">One of <see cref="BenchCell.All"/>: "rnn" (tanh), "lstm", "gru" (reset after) …</param>
/// <param name="Batch">B, sequences at a time.</param>
/// <param name="Steps">T, steps of the longest sequence.</param>
/// <param name="Inputs">I, features of the input.</param>
/// <param name="Units">H, the width of each layer and direction.</param>
/// <param name="Layers">How many layers lie on one another.</param>
/// <param name="Bidirectional">Whether every layer reads both ways.</param>
/// <param name="Ragged">Whether row b has max(1, T·(B − b)/B) steps (whole-number division) instead of T.</param>
/// <param name="Weights">How the weights are stored where one step of one row is streamed.</param>
internal sealed record BenchShape(
    string Name, string Cell, int Batch, int Steps, int Inputs, int Units, int Layers, bool Bidirectional, bool Ragged, StreamWeights Weights = StreamWeights.Float32)
{
    /// <summary>Whether the shape is the next step of a stream.</summary>
    public bool IsStream => this is { Batch: 1, Steps: 1, Bidirectional: false };

    /// <summary>Each sequence's real length [B].</summary>
    public int[] Lengths()
    {
        var lengths = new int[Batch];
        for (int b = 0; b < Batch; b++)
            lengths[b] = Ragged ? Math.Max(1, (int)((long)Steps * (Batch - b) / Batch)) : Steps;
        return lengths;
    }

    /// <summary>
    /// The arithmetic that no implementation can leave out in a forward pass: two operations for each multiplication of the cell, a
    /// real row and step, over layers and directions. A training step takes three times that.
    /// </summary>
    public double ForwardFlops()
    {
        BenchCell cell = BenchCell.All[Cell];
        int directions = Bidirectional ? 2 : 1;
        double perRow = 0;
        for (int layer = 0; layer < Layers; layer++) perRow += 2 * directions * cell.Multiplications(layer == 0 ? Inputs : Units * directions, Units);
        return perRow * RealSteps;
    }

    /// <summary>The steps of all sequences together.</summary>
    public long RealSteps => Lengths().Sum(length => (long)length);
}
