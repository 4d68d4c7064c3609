using Unroll.Basics;
using Unroll.Data;
using Unroll.Layers;
using Unroll.Losses;
using Unroll.Tasks;
using Unroll.Tensors;
using Unroll.Training;

namespace Unroll.Tests.Tasks.Comparison;

/// <summary>Small tasks that networks can be compared on.</summary>
internal static class ComparisonTasks
{
    /// <summary>Which of two tokens comes more often in 5 to 9: every network learns it in a few epochs.</summary>
    public static ComparisonTask Majority(int count = 96) => new()
    {
        InputShape = new Shape(-1, -1),
        ReadsTokens = true,
        Train = Examples(count, 1),
        Validation = Examples(32, 2),
        Test = Examples(32, 3),
        Before = model => [model.Embedding(4, 4, 1)],
        Head = () => new Dense(2),
        Loss = Loss.SparseCategoricalCrossEntropy(),
        QualityName = "accuracy %",
        HigherIsBetter = true,
        Quality = (network, data, cancel) =>
        {
            network.Compile("adam", "sparse_categorical_crossentropy", "accuracy");
            return 100 * network.Evaluate(data, cancellation: cancel)["accuracy"];
        },
    };

    private static Dataset Examples(int count, ulong seed)
    {
        var draws = new RandomStream(seed, "majority");
        int[][] texts = [.. Enumerable.Range(0, count).Select(n => Enumerable.Range(0, 5 + 2 * draws.Below(3, 100L * n)).Select(t => 2 + draws.Below(2, 100L * n + 1 + t)).ToArray())];
        return (Tensor.FromTokens(texts), Tensor.FromArray([.. texts.Select(text => text.Count(token => token == 3) * 2 > text.Length ? 1f : 0f)], count));
    }
}
