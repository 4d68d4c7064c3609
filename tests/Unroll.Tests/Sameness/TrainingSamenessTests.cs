using Unroll.Kernels.Recurrent;
using Unroll.Models;
using Unroll.Tests.Contracts;
using Unroll.Tests.Support;

namespace Unroll.Tests.Sameness;

/// <summary>Training ends in the same weights, bit for bit, on any number of threads and at every vector width.</summary>
[Collection(VectorWidthCollection.Name)]
public sealed class TrainingSamenessTests
{
    private const int Steps = 200;

    private static readonly (int Threads, SweepDivisionKind Division)[] s_settings =
    [
        (1, SweepDivisionKind.Rows), (2, SweepDivisionKind.Units), (3, SweepDivisionKind.Rows), (3, SweepDivisionKind.Units), (7, SweepDivisionKind.Rows),
    ];

    public static TheoryData<string> Names => [.. TrainedModels.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Two_hundred_steps_end_in_the_same_bits_on_any_number_of_threads_at_every_width(string name)
    {
        Func<int, Network> train = TrainedModels.All[name];
        Network? expected = null;
        VectorWidthCollection.AtEach(width =>
        {
            foreach ((int threads, SweepDivisionKind division) in s_settings)
            {
                Network found = DividedWork.On(threads, () => train(Steps), division);
                expected ??= found;
                string? difference = TrainedModels.FirstDifference(expected, found);
                Assert.True(difference is null, $"{name}, {width} bits, {threads} threads by {division}: {difference}");
            }
        });
    }
}
