using Unroll.Tests.Support;

namespace Unroll.Tests.Sameness;

/// <summary>
/// Runs the numeric tests again in processes whose environment forces a vector width or takes instructions away: agreement
/// with PyTorch's numbers, with double precision, and with the trained bits on record.
/// </summary>
public sealed class EnvironmentTests
{
    public const string Trait = "Numeric";

    /// <summary>Runs in every environment, also where every fused multiply-add is emulated.</summary>
    public const string Small = "small";

    /// <summary>Runs where the vectors that are left still have their instructions.</summary>
    public const string Large = "large";

    [Theory]
    [InlineData("UNROLL_SIMD", "256")]
    [InlineData("UNROLL_SIMD", "128")]
    [InlineData("DOTNET_EnableAVX512", "0")]
    public void The_numeric_tests_pass_at_another_vector_width(string variable, string value) => AssertPass($"{Trait}={Small}|{Trait}={Large}", variable, value);

    [Theory]
    [InlineData("DOTNET_EnableAVX2", "0")]
    [InlineData("DOTNET_EnableHWIntrinsic", "0")]
    public void A_small_part_of_them_passes_without_the_instructions(string variable, string value) => AssertPass($"{Trait}={Small}", variable, value);

    private static void AssertPass(string filter, string variable, string value)
    {
        ProcessOutcome outcome = ProcessRunner.Tests(filter, new Dictionary<string, string?> { [variable] = value });
        Assert.True(outcome.ExitCode == 0 && outcome.Output.Contains("Passed!", StringComparison.Ordinal), $"{variable}={value}:\n{outcome.Output}{outcome.Error}");
    }
}
