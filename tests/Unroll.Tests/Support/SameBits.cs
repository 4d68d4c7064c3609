using Unroll.Models;
using Unroll.Tests.Contracts;
using Unroll.Tests.Sameness;

namespace Unroll.Tests.Support;

/// <summary>Holds a training to one result on 1, 2, 3 and 7 threads at every vector width. Only in the collection of vector widths.</summary>
internal static class SameBits
{
    /// <param name="train">Makes a model of its own, trains it and gives it back.</param>
    public static void AssertFor(Func<Sequential> train)
    {
        Sequential? expected = null;
        VectorWidthCollection.AtEach(width =>
        {
            foreach (int threads in new[] { 1, 2, 3, 7 })
            {
                Sequential found = DividedWork.On(threads, train);
                expected ??= found;
                string? difference = TrainedModels.FirstDifference(expected, found);
                Assert.True(difference is null, $"{width} bits, {threads} threads: {difference}");
            }
        });
    }
}
