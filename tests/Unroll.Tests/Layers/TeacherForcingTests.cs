using Unroll.Layers;

namespace Unroll.Tests.Layers;

public sealed class TeacherForcingTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(400)]
    [InlineData(100000)]
    public void Ratios_are_those_of_the_papers_formulas(long step)
    {
        Assert.Equal(1, TeacherForcing.Always.RatioAt(step));
        Assert.Equal(0.3, TeacherForcing.Constant(0.3).RatioAt(step));
        Assert.Equal(Math.Max(0.1, 0.9 - 0.001 * step), TeacherForcing.Linear(0.001, 0.9, 0.1).RatioAt(step), 1e-14);
        Assert.Equal(Math.Pow(0.99, step), TeacherForcing.Exponential(0.99).RatioAt(step), 1e-12);
        Assert.Equal(50 / (50 + Math.Exp(step / 50.0)), TeacherForcing.InverseSigmoid(50).RatioAt(step), 1e-12);
    }

    [Fact]
    public void As_many_are_forced_as_the_ratio_says_by_draws_of_their_own()
    {
        TeacherForcing forcing = TeacherForcing.Linear(0.01);
        bool[] drawn = [.. Enumerable.Range(0, 100).SelectMany(b => Enumerable.Range(0, 50).Select(t => forcing.Forces(3, 40, b, t)))];
        Assert.InRange(drawn.Count(forced => forced), 3000 - 140, 3000 + 140); // 0.6 of 5,000; four deviations
        Assert.Equal(drawn[17], forcing.Forces(3, 40, 0, 17));
        Assert.NotEqual(drawn, [.. Enumerable.Range(0, 5000).Select(i => forcing.Forces(4, 40, i / 50, i % 50))]);
        Assert.All(Enumerable.Range(0, 100), t => Assert.True(TeacherForcing.Always.Forces(1, 2, 3, t)));
        Assert.All(Enumerable.Range(0, 100), t => Assert.False(forcing.Forces(1, 200, 3, t)));
    }

    [Fact]
    public void Numbers_out_of_range_are_refused()
    {
        foreach (Action make in new Action[]
        {
            () => TeacherForcing.Constant(1.1), () => TeacherForcing.Linear(-1), () => TeacherForcing.Linear(0.1, 0.5, 0.6),
            () => TeacherForcing.Exponential(1), () => TeacherForcing.InverseSigmoid(0.5), () => TeacherForcing.Constant(double.NaN),
        })
            Assert.Contains("TeacherForcing: expected", Assert.Throws<ArgumentOutOfRangeException>(make).Message, StringComparison.Ordinal);
    }
}
