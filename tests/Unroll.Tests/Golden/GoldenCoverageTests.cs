using Unroll.Tests.Support;

namespace Unroll.Tests.Golden;

public class GoldenCoverageTests
{
    /// <summary>What a file's name begins with, and the tests that run every such file.</summary>
    private static readonly string[] s_covered =
        ["activations", "clip_gradient_norm", "gru_", "layer_norm", "loss_", "lstm_", "multi_head_attention", "optimizer_", "rnn_", "transformer_"];

    [Fact]
    public void Every_golden_file_is_compared()
    {
        foreach (string name in GoldenFiles.Names(""))
            Assert.True(s_covered.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)), $"No test compares '{name}'.");
    }
}
