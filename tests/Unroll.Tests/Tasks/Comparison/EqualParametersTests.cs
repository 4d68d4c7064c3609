using Unroll.Tasks;

namespace Unroll.Tests.Tasks.Comparison;

public sealed class EqualParametersTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(100, 10)]
    [InlineData(109, 10)] // 10² is nearer than 11² = 121
    [InlineData(111, 11)]
    [InlineData(1_000_000, 1000)]
    public void The_nearest_size_is_found(long target, int size) => Assert.Equal(size, EqualParameters.SizeFor(target, units => (long)units * units));

    [Fact]
    public void Of_two_that_are_equally_near_the_smaller_is_taken() => Assert.Equal(3, EqualParameters.SizeFor(35, units => 10L * units));

    [Fact]
    public void What_is_too_large_at_size_1_stays_there() => Assert.Equal(1, EqualParameters.SizeFor(5, units => 100L + units));

    [Theory]
    [InlineData(10)]
    [InlineData(16)]
    [InlineData(64)]
    [InlineData(200)]
    public void Every_standard_network_comes_near_to_the_LSTM(int units)
    {
        foreach (ComparisonTask task in new[] { ComparisonTasks.Majority(), ComparisonTasks.Majority() with { EveryStep = true, Causal = true } })
        {
            long wanted = task.Network(ComparedModel.Standard.Single(model => model.Name == "lstm"), units, 0).CountParameters();
            foreach (ComparedModel model in ComparedModel.Standard.Where(model => model.ObjectionTo(task) is null))
            {
                long Count(int size) => task.Network(model, size, 0).CountParameters();
                long found = Count(EqualParameters.SizeFor(wanted, Count));
                // One unit more or less: about the square root of the parameters at these sizes.
                Assert.True(Math.Abs(found - wanted) <= 4 * Math.Sqrt(wanted) + 32, $"{model.Name}: {found} parameters, wanted {wanted}");
            }
        }
    }
}
